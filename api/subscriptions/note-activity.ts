import { createAuditLogQueries } from '../../db/audit-log.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'
import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookActivityLogQueries } from '../../db/webhook-activity-log.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext } from '../dependencies.ts'

/** Notes in both logs what is done to a subscription, in the transaction that does it. */
export async function noteActivity(
  transaction: CommonQueryMethods,
  c: ApiContext,
  action: string,
  subscription: Pick<
    WebhookSubscription,
    'subscriptionId' | 'workspaceId' | 'userId' | 'objectType'
  >,
  details: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const { subscriptionId, workspaceId, userId, objectType } = subscription
  await createAuditLogQueries(transaction).append(
    auditEntry(c, { action, subject: subscriptionId, details }),
  )
  await createWebhookActivityLogQueries(transaction).append({
    ...{ workspaceId, userId, objectType, activityType: action },
    details: { subscription_id: subscriptionId, ...details },
  })
}
