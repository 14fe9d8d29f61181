import type { EndReplayInput, ReplayInput, ReplayProgress } from '../../contracts/replay.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import { createWebhookDeliveryResultQueries } from '../../db/webhook-delivery-results.ts'
import { createWebhookFanOutQueries } from '../../db/webhook-fan-out.ts'
import { createReplayPageQueries } from '../../db/webhook-replay-pages.ts'
import { createWebhookReplayQueries, type WebhookReplay } from '../../db/webhook-replays.ts'
import { heartbeatWhile } from '../bulk-job/heartbeat.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { internal } from '../failures.ts'
import { type ReplayPair, replayPage } from './replay-page.ts'

/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 5_000
/** Deliveries of one endpoint that wait at most: more would only make the queue long. */
const MOST_WAITING = 10_000

/** What the workflow `replay` does. Where a walk has come to is in its row, moved in the transaction of each step. */
export function createReplayActivities(
  deps: Pick<ActivityDependencies, 'database' | 'sealing' | 'logger' | 'webhooks' | 'failpoint'>,
) {
  const { database, logger } = deps

  /** One step; null where there is nothing to do now. */
  async function step(
    transaction: DatabaseTransactionConnection,
    replay: WebhookReplay,
  ): Promise<{ readonly replay: WebhookReplay; readonly shards: readonly number[] } | null> {
    const { subscriptionId } = replay
    const subscription =
      subscriptionId === null
        ? null
        : await createWebhookSubscriptionQueries(transaction).get(subscriptionId)
    const replays = createWebhookReplayQueries(transaction)
    if (subscriptionId !== null && subscription === null) {
      await replays.end(replay.replayId, 'failed', 'The subscription was deleted.')
      return { replay: await required(replays.get(replay.replayId)), shards: [] }
    }
    if (subscription !== null) {
      const waiting = await createReplayPageQueries(transaction).countWaiting(
        subscription,
        MOST_WAITING,
      )
      if (waiting >= MOST_WAITING) return null
    }
    const page = await replayPage(transaction, deps.sealing, replay, subscription)
    const shards = await insert(transaction, replay, page.pairs)
    const advanced = await replays.advance(replay.replayId, {
      cursor: page.last,
      lookedAt: page.lookedAt,
      found: page.pairs.length,
      queued: page.pairs.length,
      ended: page.last === null,
    })
    return { replay: await required(Promise.resolve(advanced)), shards }
  }

  async function insert(
    transaction: DatabaseTransactionConnection,
    { workspaceId, replayId }: WebhookReplay,
    pairs: readonly ReplayPair[],
  ): Promise<readonly number[]> {
    if (pairs.length === 0) return []
    const subscriptionIds = [...new Set(pairs.map((pair) => pair.subscriptionId))]
    await createWebhookDeliveryResultQueries(transaction).lockOrdered(subscriptionIds)
    const cause = { origin: 'replay', replayId } as const
    return (await createWebhookFanOutQueries(transaction).insert(workspaceId, pairs, cause)).shards
  }

  async function walk({ replayId }: ReplayInput): Promise<ReplayProgress> {
    const until = performance.now() + SLICE_MS
    for (;;) {
      const stepped = await database.transaction(async (transaction) => {
        const replays = createWebhookReplayQueries(transaction)
        const replay = await required(replays.getForUpdate(replayId))
        if (replay.state !== 'running') return { replay, shards: [], goesOn: false, waits: false }
        if (replay.cancelAsked) {
          await replays.end(replayId, 'cancelled', null)
          const ended = await required(replays.get(replayId))
          return { replay: ended, shards: [], goesOn: false, waits: false }
        }
        const done = await step(transaction, replay)
        if (done === null) return { replay, shards: [], goesOn: false, waits: true }
        return { ...done, goesOn: done.replay.state === 'running', waits: false }
      })
      await deps.failpoint('replay.step')
      for (const shard of stepped.shards) deps.webhooks.onReleased(shard)
      if (!stepped.goesOn || performance.now() > until) {
        return progressOf(stepped.replay, stepped.waits)
      }
    }
  }

  return {
    /** Walks on for some seconds. What is done stays done: a second attempt only goes on. */
    replaySome: (input: ReplayInput): Promise<ReplayProgress> => heartbeatWhile(() => walk(input)),

    /** Ends it, unless it has ended already. */
    async endReplay({ replayId, state, error }: EndReplayInput): Promise<ReplayProgress> {
      const replays = createWebhookReplayQueries(database)
      if (await replays.end(replayId, state, error)) {
        logger.info({ replayId, state, error }, 'a replay was ended')
      }
      return progressOf(await required(replays.get(replayId)), false)
    },
  }
}

async function required(found: Promise<WebhookReplay | null>): Promise<WebhookReplay> {
  const replay = await found
  if (replay === null) throw internal('The replay is not there.')
  return replay
}

function progressOf(replay: WebhookReplay, waits: boolean): ReplayProgress {
  const { state, kind, lookedAt, found, queued, cursor, error } = replay
  return { state, kind, lookedAt, found, queued, reached: cursor?.at ?? null, waits, error }
}
