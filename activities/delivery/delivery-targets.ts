import type { Database } from '../../db/database.ts'
import { subscriptionSecretContext } from '../../db/salesforce-webhook-subscriptions.ts'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import { createWebhookTargetQueries, type WebhookTarget } from '../../db/webhook-targets.ts'
import { type Sealing, SealingError } from '../../security/sealing.ts'

/** Where a delivery goes, and the secrets that sign it. */
export interface DeliveryTarget {
  readonly target: WebhookTarget
  /** The current one, and the previous while it still counts; none where the current one does not open. */
  secrets(now: number): readonly string[]
}

/** Targets that are remembered; reading one anew is cheap. */
const MOST_REMEMBERED = 10_000

/** Targets by subscription, read again when the subscription has changed. */
export function createDeliveryTargets(database: Database, sealing: Sealing) {
  const known = new Map<string, DeliveryTarget>()

  function isCurrent({ subscriptionId, subscriptionVersion }: ClaimedDelivery): boolean {
    return known.get(subscriptionId)?.target.version === subscriptionVersion
  }

  return {
    /** Those of one workspace. What has no target has lost its subscription. */
    async load(
      workspaceId: string,
      claimed: readonly ClaimedDelivery[],
    ): Promise<ReadonlyMap<string, DeliveryTarget>> {
      const missing = new Set(
        claimed
          .filter((delivery) => !isCurrent(delivery))
          .map(({ subscriptionId }) => subscriptionId),
      )
      if (missing.size > 0) {
        const queries = createWebhookTargetQueries(database.workspace(workspaceId))
        if (known.size + missing.size > MOST_REMEMBERED) known.clear()
        for (const target of await queries.getAll([...missing])) {
          known.set(target.subscriptionId, openTarget(sealing, target))
        }
      }
      // Of its own: the other pumps of this process may forget them all while this one still reads the bodies.
      const found = new Map<string, DeliveryTarget>()
      for (const { subscriptionId } of claimed) {
        const target = known.get(subscriptionId)
        if (target !== undefined) found.set(subscriptionId, target)
      }
      return found
    },
  }
}

function openTarget(sealing: Sealing, target: WebhookTarget): DeliveryTarget {
  const { subscriptionId, secret, previousSecret, previousSecretExpiresAt } = target
  const open = (column: 'secret' | 'previous_secret', sealed: Buffer) => {
    try {
      return sealing
        .openSecret(subscriptionSecretContext(subscriptionId, column), sealed)
        .toString()
    } catch (error) {
      // Thrown, it would hold up all that was claimed with it, of every other endpoint too.
      if (error instanceof SealingError) return null
      throw error
    }
  }
  const current = open('secret', secret)
  const previous = previousSecret === null ? null : open('previous_secret', previousSecret)
  const until = previousSecretExpiresAt?.getTime() ?? 0
  return {
    target,
    secrets: (now) => {
      if (current === null) return []
      return previous !== null && now < until ? [current, previous] : [current]
    },
  }
}
