import { makeId } from '../ids.ts'
import type { RecordsPlan } from './query-plan.ts'
import type { RecordNumbers } from './query-runner.ts'
import type { Reader } from './render-value.ts'

/** A query whose answer has several pages: its records stay the same while the org changes. */
export interface Cursor {
  readonly plan: RecordsPlan
  readonly numbers: RecordNumbers
  readonly reader: Reader
}

/** The queries that may be read on. */
export interface OpenCursors {
  /** Keeps a cursor of a user; gives its locator. */
  open(user: number, cursor: Cursor, now: number): string
  /** `null` for a locator that is another user's, was never given out, or is over. */
  find(user: number, locator: string, now: number): Cursor | null
  /** Ends all of them. */
  clear(): void
}

/** Open queries of one user; the one that was read longest ago makes room. */
const MOST = 10
/** How long a query may be left alone, in milliseconds. */
const LIFE = 2 * 24 * 3_600_000
const LOCATOR_PREFIX = '0r8'

export function createOpenCursors(): OpenCursors {
  const users = new Map<number, Map<string, { cursor: Cursor; used: number }>>()
  let last = 0
  return {
    open(user, cursor, now) {
      const own = users.get(user) ?? new Map()
      users.set(user, own)
      last += 1
      const locator = makeId(LOCATOR_PREFIX, last)
      own.set(locator, { cursor, used: now })
      // A Map keeps the order in which entries came: the first was used longest ago.
      if (own.size > MOST) own.delete(own.keys().next().value)
      return locator
    },
    find(user, locator, now) {
      const own = users.get(user)
      const found = own?.get(locator)
      if (own === undefined || found === undefined) return null
      own.delete(locator)
      if (now - found.used > LIFE) return null
      own.set(locator, { cursor: found.cursor, used: now })
      return found.cursor
    },
    clear: () => users.clear(),
  }
}
