import { SealingError } from '../../security/sealing.ts'

/**
 * SQLSTATE classes of what Postgres refuses however often it is tried: data, constraints, limits, and what a function
 * raises (PostgreSQL, appendix A). Not class 42, syntax and access: a column or a right that is not there, as while
 * releases change, is missing for every event, and setting them all aside one by one would mend nothing.
 */
const REFUSALS = /^(?:22|23|54|P0)/

/** Whether an error lies in what was given: trying it again changes nothing. */
export function isRefused(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof SealingError || at instanceof SyntaxError || at instanceof TypeError)
      return true
    if ('code' in at && typeof at.code === 'string' && REFUSALS.test(at.code)) return true
  }
  return false
}

/** A new key reaches all processes within this, in milliseconds; what then still does not open never will. */
const OPENS_WITHIN_MS = 3_600_000

/** Whether an event was sealed so lately that another process, or this one after its next start, may have the key. */
export function isUnopened(error: unknown, createdAt: Date): boolean {
  return error instanceof SealingError && Date.now() - createdAt.getTime() < OPENS_WITHIN_MS
}
