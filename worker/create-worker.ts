import type { DataConverter } from '@temporalio/common'
import { type NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import type { Logger } from '../activities/dependencies.ts'
import type { Activities } from '../activities/index.ts'
import { type QueueRole, taskQueue } from '../contracts/task-queues.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { createActivityLog } from './interceptors/activity-log.ts'
import { workflowBundle } from './workflow-bundle.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly installationId: string
  readonly role: QueueRole
  readonly activities: Activities
  /** Seals payloads and opens them; by default they pass as they are. */
  readonly dataConverter?: DataConverter
  readonly logger: Logger
  /** Absent where nobody scrapes. */
  readonly metrics?: Pick<WorkerMetrics, 'activity'> | undefined
  /** Made once, when several workers of a process or a test run share it. */
  readonly workflowBundle?: WorkflowBundleWithSourceMap | { readonly codePath: string }
  /** 0 lets every workflow task replay from the start. */
  readonly maxCachedWorkflows?: number
}

type CommonOptions = Parameters<typeof Worker.create>[0]

const CACHED_WORKFLOWS = 500

/**
 * Twice the usual lanes: loads settle beside those that are sent, and settling that took all slots would leave
 * Salesforce with nothing to do.
 */
const TRANSFERS_AT_ONCE = 8

/** All pumps, and looks at endpoints in trouble beside them. */
const PUMPS_AT_ONCE = 100

/** A worker of one queue. The `salesforce` and `pump` queues have no workflows, and so no bundle and no cache. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const common: CommonOptions = {
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: taskQueue(options.installationId, options.role),
    activities: options.activities,
    ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
    interceptors: { activity: [createActivityLog(options.logger, options.metrics)] },
    shutdownGraceTime: '20 s',
    shutdownForceTime: '30 s',
    // Cancellation and a lost process are noticed within seconds.
    maxHeartbeatThrottleInterval: '5 s',
  }
  switch (options.role) {
    case 'salesforce':
      return Worker.create({ ...common, maxConcurrentActivityTaskExecutions: TRANSFERS_AT_ONCE })
    case 'pump':
      // Activities wait for answers most of the time; a pump takes one slot, looks at troubled endpoints the others.
      return Worker.create({ ...common, maxConcurrentActivityTaskExecutions: PUMPS_AT_ONCE })
    case 'conveyor':
      return Worker.create({
        ...common,
        workflowBundle:
          options.workflowBundle ??
          (await workflowBundle(options.dataConverter?.failureConverterPath, options.logger)),
        maxCachedWorkflows: options.maxCachedWorkflows ?? CACHED_WORKFLOWS,
        // A killed worker holds its workflows for this long; the default is ten seconds.
        stickyQueueScheduleToStartTimeout: '2 s',
        // A history that does not fit this release ends its run; the sweeper starts the job again from its rows.
        workflowFailureErrorTypes: { '*': ['NondeterminismError'] },
      })
    default:
      return unreachable(options.role)
  }
}

function unreachable(role: never): never {
  throw new Error(`Unknown queue ${String(role)}`)
}
