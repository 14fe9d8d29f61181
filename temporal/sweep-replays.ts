import type { ReplayState } from '../contracts/replay.ts'
import type { TemporalConnection } from './connect.ts'
import type { Starters } from './starters.ts'
import { endOfWorkflow } from './workflow-end.ts'

interface SweptReplay {
  readonly replayId: string
  readonly workspaceId: string
  readonly state: ReplayState
  readonly cancelAsked: boolean
}

/** What the sweeper reads and writes of replays; `db/webhook-replays.ts` fits. */
export interface ReplayStore {
  get(replayId: string): Promise<SweptReplay | null>
  end(replayId: string, state: 'failed', error: string): Promise<boolean>
}

interface ReplayStart {
  readonly workflowId: string
  readonly subjectId: string
}

/** The part of the sweeper that keeps accepted replays going. */
export function createReplaySweep(options: {
  readonly temporal: TemporalConnection
  readonly starters: Pick<Starters, 'startReplay' | 'wakeReplay'>
  readonly store: ReplayStore
  readonly logger: { warn(fields: object, message: string): void }
}) {
  const { temporal, starters, store, logger } = options

  return {
    async begin({ subjectId }: ReplayStart): Promise<void> {
      const replay = await store.get(subjectId)
      if (replay?.state === 'running') await starters.startReplay(replay)
    },

    async lookAfter({ workflowId, subjectId }: ReplayStart): Promise<void> {
      const ended = await endOfWorkflow(temporal, workflowId)
      // It may have finished between our two looks.
      const replay = await store.get(subjectId)
      if (replay?.state !== 'running') return
      switch (ended.kind) {
        case 'running':
          // A wish whose signal was lost because Temporal was away.
          if (replay.cancelAsked) await starters.wakeReplay(subjectId)
          return
        case 'lost':
          logger.warn({ replayId: subjectId, why: ended.why }, 'starting the replay again')
          await starters.startReplay(replay)
          return
        case 'ended':
          logger.warn({ replayId: subjectId, why: ended.why }, 'the replay was ended')
          await store.end(subjectId, 'failed', ended.why)
          return
        default:
          return unknownEnd(ended)
      }
    },
  }
}

function unknownEnd(end: never): never {
  throw new Error(`Unknown end ${JSON.stringify(end)}`)
}
