import { setTimeout as sleep } from 'node:timers/promises'
import {
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  type ScheduleClient,
  ScheduleNotFoundError,
} from '@temporalio/client'
import { taskQueue } from '../contracts/task-queues.ts'
import { INSTALLATION_MARK_ID, retentionScheduleId } from '../contracts/workflow-ids.ts'
import { ForeignNamespaceError } from './foreign-namespace-error.ts'

const MEMO_KEY = 'installation'
/** Two installations that start at the same moment: the second look finds the mark of one of them. */
const ATTEMPTS = 12
/** A busy server goes on showing a mark for a moment after it has taken its removal; grows with each look. */
const PAUSE_MS = 50
/** PERMISSION_DENIED and UNIMPLEMENTED of gRPC. */
const NOT_FOR_US: readonly number[] = [7, 12]

export interface NamespaceClaim {
  readonly installationId: string
  readonly address: string
  readonly namespace: string
  /** Whether the mark of another installation is replaced. */
  readonly takeOver: boolean
}

export type ClaimedNamespace =
  | { readonly kind: 'ours'; readonly takenFrom: string | null }
  /** The service may not read or make the mark. */
  | { readonly kind: 'unmarked'; readonly why: string }

/**
 * Makes the namespace carry this installation's mark, or finds that it does.
 *
 * The mark is a paused Schedule with a fixed id and the installation's id as its memo. Its creation is
 * atomic, so that of two installations one wins; the server keeps a paused Schedule for ever and loses it
 * only with its whole store; it needs no right that the retention Schedule does not need, and so it works
 * on Temporal Cloud too, where the namespace's own data cannot be written. Reading it takes milliseconds.
 *
 * @throws ForeignNamespaceError where another installation holds it, also where it may not be taken over.
 */
export async function claimNamespace(
  schedules: Pick<ScheduleClient, 'create' | 'getHandle'>,
  claim: NamespaceClaim,
): Promise<ClaimedNamespace> {
  let takenFrom: string | null = null
  const foreign = (holder: string, refusal?: unknown) =>
    new ForeignNamespaceError(claim, holder, claim.installationId, refusal)
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 1) await sleep(attempt * PAUSE_MS)
      const holder = await readHolder(schedules)
      if (holder === claim.installationId) return { kind: 'ours', takenFrom }
      if (holder === null) {
        if (await createMark(schedules, claim)) return { kind: 'ours', takenFrom }
        continue
      }
      if (!claim.takeOver) throw foreign(holder)
      takenFrom = holder
      // Its daily run would wait for ever for a worker that is gone.
      await removeSchedule(schedules, retentionScheduleId(holder))
      await removeSchedule(schedules, INSTALLATION_MARK_ID)
    }
  } catch (error) {
    if (!isNotForUs(error)) throw error
    // Whoever was read there is not gone because the server keeps us from taking over.
    if (takenFrom !== null) throw foreign(takenFrom, error.cause)
    return { kind: 'unmarked', why: String(error.cause) }
  }
  throw new Error('The mark of the namespace changes with every look.')
}

/** The id on the mark; null without one. */
async function readHolder(schedules: Pick<ScheduleClient, 'getHandle'>): Promise<string | null> {
  try {
    const { memo } = await schedules.getHandle(INSTALLATION_MARK_ID).describe()
    const holder = memo?.[MEMO_KEY]
    return typeof holder === 'string' ? holder : '(unreadable)'
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null
    throw error
  }
}

/** False where there is one already. */
async function createMark(
  schedules: Pick<ScheduleClient, 'create'>,
  { installationId }: NamespaceClaim,
): Promise<boolean> {
  try {
    await schedules.create({
      scheduleId: INSTALLATION_MARK_ID,
      memo: { [MEMO_KEY]: installationId },
      spec: {},
      state: {
        paused: true,
        note: `Says that this namespace belongs to the Conveyor installation ${installationId}. It never runs; leave it.`,
      },
      // A Schedule must have one. Triggered by hand it does what the daily Schedule does anyway.
      action: {
        type: 'startWorkflow',
        workflowType: 'retention',
        workflowId: retentionScheduleId(installationId),
        taskQueue: taskQueue(installationId, 'conveyor'),
        args: [],
      },
    })
    return true
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false
    throw error
  }
}

async function removeSchedule(
  schedules: Pick<ScheduleClient, 'getHandle'>,
  scheduleId: string,
): Promise<void> {
  try {
    await schedules.getHandle(scheduleId).delete()
  } catch (error) {
    // Another process of ours was quicker.
    if (!(error instanceof ScheduleNotFoundError)) throw error
  }
}

function isNotForUs(error: unknown): error is Error {
  return (
    error instanceof Error &&
    isGrpcServiceError(error.cause) &&
    NOT_FOR_US.includes(error.cause.code)
  )
}
