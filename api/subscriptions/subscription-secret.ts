import type { WebhookSubscription } from '../../db/salesforce-webhook-subscription-row.ts'
import { subscriptionSecretContext } from '../../db/salesforce-webhook-subscriptions.ts'
import type { Sealing } from '../../security/sealing.ts'
import { newWebhookSecret } from '../../security/webhook-secret.ts'
import { ApiError } from '../errors.ts'

/** Secrets are stored sealed or not at all. @throws {ApiError} `encryption_key_required` */
export function requireSealing(sealing: Sealing): void {
  if (sealing.keyId !== null) return
  const message =
    'Signing secrets are stored sealed only. Set SALESFORCE_TOKEN_ENCRYPTION_KEY for the API and the workers, and start them again.'
  throw new ApiError('encryption_key_required', message)
}

/** A new secret: as its owner gets it, and as it is stored. @throws {ApiError} `encryption_key_required` */
export function issueSecret(
  sealing: Sealing,
  subscriptionId: string,
): { readonly shown: string; readonly sealed: Buffer } {
  requireSealing(sealing)
  const shown = newWebhookSecret()
  const context = subscriptionSecretContext(subscriptionId, 'secret')
  return { shown, sealed: sealing.seal(context, Buffer.from(shown)) }
}

/** The secret so far, sealed for the place of the previous one: sealed bytes open at their own place only. */
export function sealAsPrevious(sealing: Sealing, subscription: WebhookSubscription): Buffer {
  const { subscriptionId } = subscription
  const context = subscriptionSecretContext(subscriptionId, 'previous_secret')
  return sealing.seal(context, Buffer.from(openSecret(sealing, subscription)))
}

/** @throws {SealingError} where its key is gone. */
export function openSecret(
  sealing: Sealing,
  { subscriptionId, secret }: Pick<WebhookSubscription, 'subscriptionId' | 'secret'>,
): string {
  return sealing.openSecret(subscriptionSecretContext(subscriptionId, 'secret'), secret).toString()
}
