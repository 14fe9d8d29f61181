import { WorkflowNotFoundError } from '@temporalio/common'
import type { RollUpInput } from '../contracts/analytics-rollup.ts'
import type { BulkJobInput } from '../contracts/bulk-job.ts'
import type { BulkQueryInput } from '../contracts/bulk-query.ts'
import type {
  ConnectionOperationInput,
  ExchangeAuthorizationCodeInput,
} from '../contracts/connection.ts'
import type { DescribeObjectInput, MetadataInput } from '../contracts/metadata.ts'
import type { MirrorInput } from '../contracts/mirror.ts'
import type { EndpointInput } from '../contracts/pump.ts'
import type { ReplayInput } from '../contracts/replay.ts'
import type { SoqlQueryInput } from '../contracts/soql-query.ts'
import { taskQueue } from '../contracts/task-queues.ts'
import {
  bulkJobWorkflowId,
  bulkQueryWorkflowId,
  connectionOperationWorkflowId,
  describeObjectWorkflowId,
  endpointWorkflowId,
  exchangeAuthorizationCodeWorkflowId,
  listObjectsWorkflowId,
  metadataScheduleId,
  replayWorkflowId,
  rollUpWorkflowId,
  runQueryWorkflowId,
} from '../contracts/workflow-ids.ts'
import type { TemporalConnection } from './connect.ts'
import { triggerMetadataSchedule } from './metadata-schedules.ts'
import { createMirrorSchedules } from './mirror-schedules.ts'
import { searchAttributeKeys } from './search-attributes.ts'

/** A caller of the API waits for this; the sweeper tries again later. */
const DEADLINE_MS = 2_000

/** What of a job is shown in Temporal: nothing of its rows. */
export interface StartableBulkJob {
  readonly jobId: string
  readonly connectionId: string
  readonly objectType: string
  readonly operation: string
  readonly totalRecords: number
  readonly createdAt: Date
}

/** What of a durable query is shown in Temporal: nothing of its condition. */
export interface StartableBulkQuery extends BulkQueryInput {
  readonly connectionId: string
  readonly objectType: string
}

export interface Starters {
  /** Starts (or finds running) the workflow of a bulk job; rejects when Temporal does not answer within 2 s. */
  startBulkJob(job: StartableBulkJob): Promise<void>
  /** Wakes the job's workflow; false where none runs. */
  wakeBulkJob(jobId: string): Promise<boolean>
  /** Starts `describeObject`, or finds it running; its answer lands in the describe cache. */
  startDescribeObject(input: DescribeObjectInput): Promise<void>
  /** The answer lands in the query's row. */
  startRunQuery(input: SoqlQueryInput): Promise<void>
  /** Starts the workflow of a durable query, or finds it running; rejects as `startBulkJob` does. */
  startBulkQuery(query: StartableBulkQuery): Promise<void>
  /** Lets it look at its row now; false where none runs. */
  wakeBulkQuery(queryId: string): Promise<boolean>
  /** Starts `listObjects`, or finds it running; the list lands in the catalogue, a failure in the connection's row. */
  startListObjects(input: MetadataInput): Promise<void>
  /** Has the connection's Schedule run `refreshMetadata` now, unless it runs. False where there is no Schedule. */
  triggerMetadataRefresh(connectionId: string): Promise<boolean>
  /** Has `refreshMetadata` run once, where no Schedule does it. */
  startRefreshMetadata(input: MetadataInput): Promise<void>
  /** The outcome lands in the flow's row. */
  startExchangeAuthorizationCode(input: ExchangeAuthorizationCodeInput): Promise<void>
  /** The outcome lands in the operation's row. */
  startTestConnection(input: ConnectionOperationInput): Promise<void>
  /** As `startTestConnection`. */
  startRevokeConnection(input: ConnectionOperationInput): Promise<void>
  /** Begins a pull of the connection's mirror, or one after the pull that is under way. */
  pullMirror(input: MirrorInput): Promise<void>
  /** Rolls up what is marked of the connection, or finds that under way. */
  startRollUp(input: RollUpInput): Promise<void>
  /** Starts the workflow of an endpoint in trouble, or finds it running. */
  startEndpoint(input: EndpointInput): Promise<void>
  /** Has an endpoint in trouble tried at once; false where none of its workflows runs. */
  retryEndpoint(subscriptionId: string): Promise<boolean>
  /** Starts the workflow of a replay, or finds it running; rejects as `startBulkJob` does. */
  startReplay(input: ReplayInput): Promise<void>
  /** Lets it look at its row now; false where none runs. */
  wakeReplay(replayId: string): Promise<boolean>
}

export function createStarters(
  temporal: TemporalConnection,
  installationId: string,
  options: {
    readonly searchAttributes: () => boolean
    /** Rejects where the namespace is another installation's, before anything is done there. */
    readonly requireOwn: () => Promise<void>
  },
): Starters {
  const { client } = temporal
  const queue = taskQueue(installationId, 'conveyor')

  function soon<T>(call: () => Promise<T>): Promise<T> {
    return client.connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
      await options.requireOwn()
      return call()
    })
  }

  async function startOperation(
    type: 'testConnection' | 'revokeConnection',
    input: ConnectionOperationInput,
  ): Promise<void> {
    await soon(() =>
      client.workflow.start(type, {
        workflowId: connectionOperationWorkflowId(installationId, input.operationId),
        taskQueue: queue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `${type === 'testConnection' ? 'test' : 'revoke'} ${input.connectionId}`,
      }),
    )
  }

  async function signal(workflowId: string, name: 'wake' | 'retryNow'): Promise<boolean> {
    try {
      await soon(() => client.workflow.getHandle(workflowId).signal(name))
      return true
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false
      throw error
    }
  }

  return {
    async startBulkJob(job) {
      const input: BulkJobInput = { jobId: job.jobId }
      await soon(() =>
        client.workflow.start('bulkJob', {
          workflowId: bulkJobWorkflowId(installationId, job.jobId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${job.operation} ${job.totalRecords} ${job.objectType}`,
          staticDetails: details(job),
          ...(options.searchAttributes()
            ? {
                typedSearchAttributes: [
                  { key: searchAttributeKeys.connection, value: job.connectionId },
                  { key: searchAttributeKeys.object, value: job.objectType },
                  { key: searchAttributeKeys.operation, value: job.operation },
                  { key: searchAttributeKeys.status, value: 'Queued' },
                ],
              }
            : {}),
        }),
      )
    },

    wakeBulkJob: (jobId) => signal(bulkJobWorkflowId(installationId, jobId), 'wake'),

    async startDescribeObject({ connectionId, workspaceId, objectType }) {
      // Field by field: callers hand over whole jobs, and what else these hold is nothing for Temporal.
      const input: DescribeObjectInput = { connectionId, workspaceId, objectType }
      await soon(() =>
        client.workflow.start('describeObject', {
          workflowId: describeObjectWorkflowId(installationId, connectionId, objectType),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `describe ${objectType}`,
        }),
      )
    },

    async startListObjects({ connectionId, workspaceId }) {
      const input: MetadataInput = { connectionId, workspaceId }
      await soon(() =>
        client.workflow.start('listObjects', {
          workflowId: listObjectsWorkflowId(installationId, connectionId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `list the objects of ${connectionId}`,
        }),
      )
    },

    triggerMetadataRefresh: (connectionId) =>
      soon(() => triggerMetadataSchedule(temporal, installationId, connectionId)),

    async startRefreshMetadata({ connectionId, workspaceId }) {
      const input: MetadataInput = { connectionId, workspaceId }
      await soon(() =>
        client.workflow.start('refreshMetadata', {
          workflowId: `${metadataScheduleId(installationId, connectionId)}/by-hand`,
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `refresh the metadata of ${connectionId}`,
        }),
      )
    },

    async startRunQuery({ workspaceId, connectionId, queryId }) {
      const input: SoqlQueryInput = { workspaceId, connectionId, queryId }
      await soon(() =>
        client.workflow.start('runQuery', {
          workflowId: runQueryWorkflowId(installationId, queryId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: 'a query that a caller waits for',
        }),
      )
    },

    async startBulkQuery({ workspaceId, queryId, connectionId, objectType }) {
      const input: BulkQueryInput = { workspaceId, queryId }
      await soon(() =>
        client.workflow.start('bulkQuery', {
          workflowId: bulkQueryWorkflowId(installationId, queryId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `query ${objectType}`,
          ...(options.searchAttributes()
            ? {
                typedSearchAttributes: [
                  { key: searchAttributeKeys.connection, value: connectionId },
                  { key: searchAttributeKeys.object, value: objectType },
                  { key: searchAttributeKeys.operation, value: 'query' },
                ],
              }
            : {}),
        }),
      )
    },

    wakeBulkQuery: (queryId) => signal(bulkQueryWorkflowId(installationId, queryId), 'wake'),

    async startExchangeAuthorizationCode(input) {
      await soon(() =>
        client.workflow.start('exchangeAuthorizationCode', {
          workflowId: exchangeAuthorizationCodeWorkflowId(installationId, input.flowId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          // A code is used once.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: 'authorise a connection',
        }),
      )
    },

    async startEndpoint({ subscriptionId, workspaceId }) {
      const input: EndpointInput = { subscriptionId, workspaceId }
      await soon(() =>
        client.workflow.start('endpoint', {
          workflowId: endpointWorkflowId(installationId, subscriptionId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: 'an endpoint that keeps failing',
        }),
      )
    },

    async startReplay({ workspaceId, replayId }) {
      const input: ReplayInput = { workspaceId, replayId }
      await soon(() =>
        client.workflow.start('replay', {
          workflowId: replayWorkflowId(installationId, replayId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `replay ${replayId}`,
        }),
      )
    },

    pullMirror: createMirrorSchedules(temporal, installationId, options).pull,

    async startRollUp({ workspaceId, connectionId }) {
      const input: RollUpInput = { workspaceId, connectionId }
      await soon(() =>
        client.workflow.start('rollUpAnalytics', {
          workflowId: rollUpWorkflowId(installationId, connectionId),
          taskQueue: queue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `roll up ${connectionId}`,
        }),
      )
    },

    retryEndpoint: (subscriptionId) =>
      signal(endpointWorkflowId(installationId, subscriptionId), 'retryNow'),

    wakeReplay: (replayId) => signal(replayWorkflowId(installationId, replayId), 'wake'),

    startTestConnection: (input) => startOperation('testConnection', input),
    startRevokeConnection: (input) => startOperation('revokeConnection', input),
  }
}

function details(job: StartableBulkJob): string {
  return [
    `Job \`${job.jobId}\` of connection \`${job.connectionId}\`, accepted ${job.createdAt.toISOString()}.`,
    '',
    'The state of its loads is under *Current details*; `wake` makes it look at its row now, cancelling the run cancels the job.',
  ].join('\n')
}
