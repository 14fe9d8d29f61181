import type { CommonQueryMethods } from '../../db/pool.ts'
import { createWebhookDedupeKeyQueries } from '../../db/webhook-dedupe-keys.ts'
import type { IntakeKeys } from './delivery-id.ts'

export interface KeyedIntake {
  readonly connectionId: string
  readonly keys: IntakeKeys
}

/**
 * Notes what is taken in, and says of each, by its place, whether it is new: none of its keys was noted before. Signed
 * texts come first, in every transaction, so that no two wait for each other; and the id of a header is noted only with
 * a text that is new, or a repeated webhook could use up an id that its sender is yet to give.
 */
export async function claimIntakes(
  transaction: CommonQueryMethods,
  workspaceId: string,
  intakes: readonly KeyedIntake[],
): Promise<ReadonlySet<number>> {
  const ledger = createWebhookDedupeKeyQueries(transaction)

  /** Those of the places that are new by this key, or have none. */
  async function claim(places: readonly number[], kind: keyof IntakeKeys): Promise<number[]> {
    const asked = places.flatMap((place) => {
      const intake = intakes[place]
      const deliveryKey = intake?.keys[kind] ?? null
      if (intake === undefined || deliveryKey === null) return []
      return [{ place, connectionId: intake.connectionId, deliveryKey }]
    })
    if (asked.length === 0) return [...places]
    const fresh = await ledger.claim(workspaceId, asked)
    const known = new Set(
      asked.filter((_each, index) => !fresh.has(index)).map(({ place }) => place),
    )
    return places.filter((place) => !known.has(place))
  }

  return new Set(await claim(await claim([...intakes.keys()], 'signed'), 'named'))
}
