import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplayKind } from '../../contracts/replay.ts'
import { replayWorkflowId } from '../../contracts/workflow-ids.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createWebhookReplayQueries, type WebhookReplay } from '../../db/webhook-replays.ts'
import { createWorkflowStartQueries } from '../../db/workflow-starts.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** How long an answer waits for the workflow to be started. */
const START_WAIT_MS = 300
/** The sweeper leaves it alone for so long. */
const START_GRACE_SECONDS = 5

export interface ReplayWish {
  readonly kind: ReplayKind
  readonly subscriptionId: string | null
  readonly eventId: string | null
  readonly since: Date
  readonly until: Date | null
}

/** Accepts a replay: its row and the wish to start it, both or neither. @throws {ApiError} `replay_running` */
export async function startReplay(
  deps: ApiDependencies,
  c: ApiContext,
  wish: ReplayWish,
): Promise<WebhookReplay> {
  const { workspaceId } = c.var
  const replayId = `rpl_${uuidV7()}`
  const replay = await c.var.database.transaction(async (transaction) => {
    const made = await createWebhookReplayQueries(transaction).insert({
      ...{ ...wish, replayId, workspaceId, createdBy: c.var.caller.keyId },
    })
    if (made === null) {
      const message =
        'The same replay is running already: see GET /v1/replays. Wait for its end, or cancel it.'
      throw new ApiError('replay_running', message)
    }
    await createWorkflowStartQueries(transaction).insert(
      { workflowId: workflowIdOf(deps, replayId), workspaceId, subjectId: replayId },
      START_GRACE_SECONDS,
      'replay',
    )
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: 'replay.started',
        subject: replayId,
        details: {
          kind: wish.kind,
          subscription_id: wish.subscriptionId,
          event_id: wish.eventId,
          since: made.since.toISOString(),
          until: made.until.toISOString(),
        },
      }),
    )
    return made
  })
  // It is accepted already: a caller waits for Temporal only as long as it answers at once.
  await Promise.race([startNow(deps, c, replay), sleep(START_WAIT_MS, undefined, { ref: false })])
  return replay
}

async function startNow(
  deps: ApiDependencies,
  c: ApiContext,
  { replayId, workspaceId }: WebhookReplay,
): Promise<void> {
  try {
    await deps.starters.startReplay({ replayId, workspaceId })
    await createWorkflowStartQueries(c.var.database).markStarted(workflowIdOf(deps, replayId))
  } catch (error) {
    deps.logger.warn({ err: error, replayId }, 'replay accepted; the sweeper will start it')
  }
}

function workflowIdOf({ installationId }: ApiDependencies, replayId: string): string {
  return replayWorkflowId(installationId, replayId)
}
