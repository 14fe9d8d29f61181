import { makeId } from '../../../ids.ts'
import { createRandom, type Random } from '../../../seeded-random.ts'
import type { SystemFields } from './rows.ts'

/** Numbers of the User records that own and create; 1 is the administrator, who asks the queries. */
const USER_NUMBERS = [1, 2, 3, 4, 5, 6] as const

/** A repeatable source of values for one kind of record. */
export interface Draw {
  /** One of the values, each as likely as the others. */
  of<T>(values: readonly T[]): T
  /** The value, or null in this share of the draws. */
  orNull<T>(nullShare: number, value: T): T | null
  /** A whole number from `low` up to `high`, both included. */
  whole(low: number, high: number): number
  chance(share: number): boolean
  userId(): string
  /** The system fields of record `n`: made somewhere in 2021 to 2025, changed some time after. */
  system(keyPrefix: string, n: number, deleted?: boolean): SystemFields
}

const SECOND = 1_000
const FIRST = Date.UTC(2021, 0, 1)
const FOUR_YEARS = Date.UTC(2025, 0, 1) - FIRST

export function createDraw(seed: number): Draw {
  const random: Random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)

  function of<T>(values: readonly T[]): T {
    const value = values[below(values.length)]
    if (value === undefined) throw new Error('nothing to draw from')
    return value
  }

  const userId = (): string => makeId('005', of(USER_NUMBERS))

  return {
    of,
    orNull: (nullShare, value) => (random() < nullShare ? null : value),
    whole: (low, high) => low + below(high - low + 1),
    chance: (share) => random() < share,
    userId,
    system(keyPrefix, n, deleted = false) {
      const created = FIRST + below(FOUR_YEARS / SECOND) * SECOND
      const modified = created + below(90 * 86_400) * SECOND
      return {
        n,
        Id: makeId(keyPrefix, n),
        IsDeleted: deleted,
        CreatedDate: new Date(created).toISOString(),
        CreatedById: userId(),
        LastModifiedDate: new Date(modified).toISOString(),
        LastModifiedById: userId(),
      }
    },
  }
}
