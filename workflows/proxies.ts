import { proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { FAILURE_TYPES } from '../contracts/failure-types.ts'

/**
 * Activity presets by idempotency class. Retries are bounded in time, not in number: an outage of hours
 * must not fail a job. Nothing is dispatched eagerly, so that queues keep their limits.
 */

const never = [FAILURE_TYPES.blocked, FAILURE_TYPES.superseded]

/** Short reads and fenced writes of Postgres: repeat at will. */
export const database = proxyActivities<Activities>({
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '500 ms', maximumInterval: '30 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/** Long walks over a job's own rows; they heartbeat, and what they did before a crash stays done. */
export const rows = proxyActivities<Activities>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '20 s',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '1 s', maximumInterval: '1 min', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/** Steps of a long walk, each of some seconds: what a lost worker did not finish is soon done by another. */
export const slices = proxyActivities<Activities>({
  startToCloseTimeout: '2 min',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/**
 * Looks at Salesforce, which heartbeat. The delay comes with each failure; its message is the progress. What
 * comes without one, a lost worker before all, is not made to wait for the many looks that went before.
 */
export const looks = proxyActivities<Activities>({
  startToCloseTimeout: '2 min',
  heartbeatTimeout: '10 s',
  // Salesforce keeps a job's results for seven days; past them there is nothing to look for.
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/** A describe that somebody waits for: soon or not at all. */
export const describes = proxyActivities<Activities>({
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '2 min',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/** A query that somebody waits for, and no longer: reading again changes nothing. */
export const shortQueries = proxyActivities<Activities>({
  startToCloseTimeout: '25 s',
  scheduleToCloseTimeout: '30 s',
  retry: { initialInterval: '500 ms', maximumInterval: '5 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/**
 * Steps of a walk over the objects of an org. Within hours or not at all: the next one is a day away, and none begins
 * while this one is under way.
 */
export const refreshes = proxyActivities<Activities>({
  startToCloseTimeout: '2 min',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '6 hours',
  retry: { initialInterval: '1 s', maximumInterval: '1 min', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/**
 * Calls about a connection that somebody waits for: soon or not at all. A renewal may first wait for another process
 * that died while it renewed.
 */
export const connectionCalls = proxyActivities<Activities>({
  startToCloseTimeout: '90 s',
  scheduleToCloseTimeout: '2 min',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/**
 * One attempt to send a notice, announced in its row; the next one is the workflow's. Ends long before this time-out,
 * after which only a process that died is followed by another.
 */
export const notices = proxyActivities<Activities>({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '1 s', maximumInterval: '1 min', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/** Gives tokens back; Salesforce takes one that has ended as well. */
export const revocations = proxyActivities<Activities>({
  startToCloseTimeout: '90 s',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '1 s', maximumInterval: '1 min', nonRetryableErrorTypes: never },
  allowEagerDispatch: false,
})

/**
 * Transfers to and from Salesforce. Every step is announced in a row and fenced there, so a second attempt
 * continues. Cancellation waits for the attempt: otherwise its effect could land after the settling.
 */
export function transfers() {
  return proxyActivities<Activities>({
    taskQueue: workflowInfo().taskQueue.replace(/^conveyor-/, 'salesforce-'),
    startToCloseTimeout: '4 hours',
    heartbeatTimeout: '15 s',
    scheduleToCloseTimeout: '2 days',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '500 ms', maximumInterval: '20 s', nonRetryableErrorTypes: never },
    allowEagerDispatch: false,
  })
}

/**
 * Steps of a mirror's pull, each of some seconds; rows keep where it has come to, and fence what an older attempt would
 * still write. An outage of hours is waited for; after that the next run goes on.
 */
export function mirrorSlices() {
  return proxyActivities<Activities>({
    taskQueue: workflowInfo().taskQueue.replace(/^conveyor-/, 'salesforce-'),
    startToCloseTimeout: '10 min',
    heartbeatTimeout: '10 s',
    scheduleToCloseTimeout: '3 hours',
    retry: { initialInterval: '500 ms', maximumInterval: '1 min', nonRetryableErrorTypes: never },
    allowEagerDispatch: false,
  })
}

/**
 * Rollups, in steps of some seconds. What an outage leaves undone stays marked, and the rollup after the next pull does
 * it: waiting longer would hold up the pulls. Beside the transfers: figures of many rows would stall deliveries.
 */
export function rollups() {
  return proxyActivities<Activities>({
    taskQueue: workflowInfo().taskQueue.replace(/^conveyor-/, 'salesforce-'),
    startToCloseTimeout: '10 min',
    heartbeatTimeout: '10 s',
    scheduleToCloseTimeout: '30 min',
    retry: { initialInterval: '500 ms', maximumInterval: '30 s', nonRetryableErrorTypes: never },
    allowEagerDispatch: false,
  })
}

/**
 * Turns of a pump, for as long as there is work: rows keep what there is to do, so a worker that comes back after days
 * goes on, and no limit ends the retries. A worker that is gone is replaced within seconds.
 */
export function pumpTurns() {
  return proxyActivities<Activities>({
    taskQueue: pumpQueue(),
    startToCloseTimeout: '3 min',
    heartbeatTimeout: '5 s',
    retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '5 s' },
    allowEagerDispatch: false,
  })
}

/** Single attempts at an endpoint in trouble; one that is made twice is a delivery more, as promised. */
export function probes() {
  return proxyActivities<Activities>({
    taskQueue: pumpQueue(),
    startToCloseTimeout: '5 min',
    heartbeatTimeout: '1 min',
    scheduleToCloseTimeout: '7 days',
    retry: { initialInterval: '1 s', maximumInterval: '1 min' },
    allowEagerDispatch: false,
  })
}

/** The queue of hot loops beside the one that the workflow is on. */
function pumpQueue(): string {
  return workflowInfo().taskQueue.replace(/^conveyor-/, 'pump-')
}
