import { isDatabaseUnavailable } from './unavailable.ts'

/** What the API needs, each with its state. */
export interface ReadinessChecks {
  readonly postgres: 'up' | 'down'
  readonly temporal: 'up' | 'down'
  /** Whether the database has the schema of this release; unknown while it does not answer. */
  readonly migrations: 'current' | 'missing' | 'unknown'
}

export interface Readiness {
  /** Looks at most once a second, however many ask. */
  check(): Promise<ReadinessChecks>
}

export interface ReadinessSources {
  /** Migrations that the database has. */
  appliedMigrations(): Promise<readonly string[]>
  /** Migrations that this release has. */
  readonly wantedMigrations: readonly string[]
  pingTemporal(): Promise<void>
}

const FRESH_MS = 1_000
/** Shorter than what asks waits. */
const WAIT_MS = 2_000

export function createReadiness(sources: ReadinessSources): Readiness {
  let last: { readonly at: number; readonly checks: Promise<ReadinessChecks> } | null = null

  async function look(): Promise<ReadinessChecks> {
    const [applied, temporal] = await Promise.allSettled([
      within(sources.appliedMigrations()),
      within(sources.pingTemporal()),
    ])
    return {
      ...(applied.status === 'fulfilled'
        ? { postgres: 'up', migrations: stateOf(applied.value) }
        : { postgres: answers(applied.reason) ? 'up' : 'down', migrations: 'unknown' }),
      temporal: temporal.status === 'fulfilled' ? 'up' : 'down',
    }
  }

  function stateOf(applied: readonly string[]): 'current' | 'missing' {
    return sources.wantedMigrations.every((name) => applied.includes(name)) ? 'current' : 'missing'
  }

  return {
    async check() {
      if (last === null || performance.now() - last.at > FRESH_MS) {
        last = { at: performance.now(), checks: look() }
      }
      return last.checks
    },
  }
}

/** An error that the database itself sent says that it is there. */
function answers(error: unknown): boolean {
  return !(error instanceof Late) && !isDatabaseUnavailable(error)
}

class Late extends Error {}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), WAIT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
