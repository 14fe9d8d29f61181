import type { ReplayBody } from '../contracts/http/replays.ts'
import { replayWorkflowId } from '../contracts/workflow-ids.ts'
import type { WebhookReplay } from '../db/webhook-replays.ts'
import type { ApiDependencies } from './dependencies.ts'

export function replayUrl(replayId: string): string {
  return `/v1/replays/${encodeURIComponent(replayId)}`
}

export function replayBody(
  replay: WebhookReplay,
  { settings, installationId }: Pick<ApiDependencies, 'settings' | 'installationId'>,
): ReplayBody {
  const { replayId, cursor, kind } = replay
  const { temporalUi } = settings
  const workflowId = encodeURIComponent(replayWorkflowId(installationId, replayId))
  return {
    id: replayId,
    kind,
    subscription_id: replay.subscriptionId,
    event_id: replay.eventId,
    since: replay.since.toISOString(),
    until: replay.until.toISOString(),
    state: replay.state,
    cancel_asked: replay.cancelAsked,
    progress: {
      looked_at: replay.lookedAt,
      found: replay.found,
      queued: replay.queued,
      // The walk of one event goes over subscriptions, which have no order in time.
      reached: cursor === null || kind === 'event' ? null : new Date(cursor.at).toISOString(),
    },
    error: replay.error,
    created_by: replay.createdBy,
    created_at: replay.createdAt.toISOString(),
    ended_at: replay.endedAt?.toISOString() ?? null,
    links: {
      self: replayUrl(replayId),
      deliveries: `/v1/deliveries?replay_id=${encodeURIComponent(replayId)}`,
      temporal_ui:
        temporalUi === null
          ? null
          : `${temporalUi.url}/namespaces/${encodeURIComponent(temporalUi.namespace)}/workflows/${workflowId}`,
    },
  }
}
