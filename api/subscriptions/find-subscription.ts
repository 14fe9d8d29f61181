import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { createWebhookSubscriptionQueries } from '../../db/salesforce-webhook-subscriptions.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isPlainId } from '../http/plain-id.ts'

/** The subscription that the path names. @throws {ApiError} `subscription_not_found` */
export async function requireSubscription(c: ApiContext): Promise<WebhookSubscription> {
  const subscriptionId = c.req.param('subscriptionId') ?? ''
  const found = isPlainId(subscriptionId)
    ? await createWebhookSubscriptionQueries(c.var.database).get(subscriptionId)
    : null
  if (found === null) throw subscriptionNotFound()
  return found
}

export function subscriptionNotFound(): ApiError {
  return new ApiError('subscription_not_found', 'There is no subscription of this id.')
}
