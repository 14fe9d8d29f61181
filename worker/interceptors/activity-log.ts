import type { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import type { Logger } from '../../activities/dependencies.ts'
import { FAILURE_TYPES } from '../../contracts/failure-types.ts'

/** From this attempt on, and every so many attempts, a retry is worth a person's look. */
const MANY_ATTEMPTS = 25

/**
 * One line an attempt with job, load, attempt and duration. Two silent troubles become visible: an attempt
 * that outlived its time-out (Temporal tells nobody), and one that is retried for a long time.
 */
export function createActivityLog(logger: Logger) {
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
          return result
        } catch (error) {
          const ended = { ...fields, durationMs: Date.now() - started }
          if (error instanceof ApplicationFailure && error.type === FAILURE_TYPES.notYet) {
            logger.debug({ ...ended, progress: error.message }, 'not yet')
          } else if (error instanceof CancelledFailure) {
            logger.info(ended, 'activity cancelled')
          } else {
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
