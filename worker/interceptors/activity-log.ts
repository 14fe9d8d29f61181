import type { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import type { Logger } from '../../activities/dependencies.ts'
import { FAILURE_TYPES } from '../../contracts/failure-types.ts'
import type { WorkerMetrics } from '../../metrics/worker-metrics.ts'

/** From this attempt on, and every so many attempts, a retry is worth a person's look. */
const MANY_ATTEMPTS = 25

/**
 * One line an attempt with job, load, attempt and duration. Two silent troubles become visible: an attempt
 * that outlived its time-out (Temporal tells nobody), and one that is retried for a long time.
 */
export function createActivityLog(logger: Logger, metrics?: Pick<WorkerMetrics, 'activity'>) {
  return (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        const { info } = context
        const started = Date.now()
        const fields = {
          activity: info.activityType,
          attempt: info.attempt,
          workflowId: info.workflowExecution?.workflowId,
          ...references(input.args[0]),
        }
        try {
          const result = await next(input)
          logger.info({ ...fields, durationMs: Date.now() - started }, 'activity done')
          metrics?.activity(info.activityType, 'done', Date.now() - started)
          return result
        } catch (error) {
          const ended = { ...fields, durationMs: Date.now() - started }
          if (error instanceof ApplicationFailure && error.type === FAILURE_TYPES.notYet) {
            metrics?.activity(info.activityType, 'waiting', ended.durationMs)
            logger.debug({ ...ended, progress: error.message }, 'not yet')
          } else if (error instanceof CancelledFailure) {
            metrics?.activity(info.activityType, 'cancelled', ended.durationMs)
            logger.info(ended, 'activity cancelled')
          } else {
            metrics?.activity(info.activityType, 'failed', ended.durationMs)
            const late = Date.now() - started > info.startToCloseTimeoutMs
            logger.warn(
              { ...ended, err: error, late },
              late ? 'activity outlived its time-out' : 'activity failed',
            )
            if (info.attempt % MANY_ATTEMPTS === 0)
              logger.error(ended, 'activity is retried again and again')
          }
          throw error
        }
      },
    },
  })
}

/** The ids in an activity's input, and nothing else of it. */
function references(input: unknown): Record<string, unknown> {
  if (typeof input !== 'object' || input === null) return {}
  const found: Record<string, unknown> = {}
  for (const key of ['jobId', 'loadNumber', 'connectionId', 'workspaceId'] as const) {
    if (key in input) found[key] = (input as Record<string, unknown>)[key]
  }
  return found
}
