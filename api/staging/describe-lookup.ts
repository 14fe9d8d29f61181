import { setTimeout as sleep } from 'node:timers/promises'
import { type CachedDescribe, createDescribeCacheQueries } from '../../db/describe-cache.ts'
import type { ApiDependencies } from '../dependencies.ts'

const POLL_MS = 50
/** After Temporal failed to take a request nobody waits for it again for this long. */
const GIVEN_UP_MS = 10_000
/** An answer this young is not asked for again: misspelt names would cost a call each. */
const YOUNG_MS = 3_000

interface Subject {
  readonly workspaceId: string
  readonly connectionId: string
  readonly objectType: string
}

/** Looks objects up in the describe cache; Salesforce itself is asked by a short workflow. */
export interface DescribeLookup {
  /** What is known; a miss asks once and waits a little, a stale entry is used and refreshed. Null: not known. */
  find(subject: Subject): Promise<CachedDescribe | null>
  /** Asks again, since a field or object may be new. Gives `known` back where no newer answer came. */
  refresh(subject: Subject, known: CachedDescribe): Promise<CachedDescribe>
}

export function createDescribeLookup(deps: ApiDependencies): DescribeLookup {
  const cacheOf = (subject: Subject) =>
    createDescribeCacheQueries(deps.database.workspace(subject.workspaceId))
  let givenUpUntil = 0

  async function ask(subject: Subject): Promise<boolean> {
    if (Date.now() < givenUpUntil) return false
    try {
      await deps.starters.startDescribeObject(subject)
      return true
    } catch (error) {
      givenUpUntil = Date.now() + GIVEN_UP_MS
      deps.logger.warn(
        { err: error, objectType: subject.objectType },
        'describe could not be started',
      )
      return false
    }
  }

  async function waitFor(
    subject: Subject,
    isAnswer: (entry: CachedDescribe) => boolean,
  ): Promise<CachedDescribe | null> {
    const deadline = Date.now() + deps.settings.describeWaitMs
    for (;;) {
      const entry = await cacheOf(subject).find(subject.connectionId, subject.objectType)
      if (entry !== null && isAnswer(entry)) return entry
      if (Date.now() >= deadline) return null
      await sleep(POLL_MS)
    }
  }

  return {
    async find(subject) {
      const entry = await cacheOf(subject).find(subject.connectionId, subject.objectType)
      if (entry === null) {
        return (await ask(subject)) ? waitFor(subject, () => true) : null
      }
      // Nobody waits for this one; a failure is logged where it happens.
      if (entry.stale) void ask(subject)
      return entry
    },

    async refresh(subject, known) {
      if (Date.now() - known.fetchedAt.getTime() < YOUNG_MS || !(await ask(subject))) return known
      const newer = (entry: CachedDescribe) => entry.fetchedAt > known.fetchedAt
      return (await waitFor(subject, newer)) ?? known
    },
  }
}
