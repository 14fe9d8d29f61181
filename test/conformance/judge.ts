import type { CaseResult, ClientName, ClientRun } from './case-result.ts'
import type { KnownDifference } from './known-difference.ts'

/**
 * What a case says about the simulator. `explained`: it failed and the known differences say why.
 * `mended`: it is listed among them and passed, so its entry has to go.
 */
export type Verdict = 'passed' | 'explained' | 'unexplained' | 'mended' | 'skipped'

export interface JudgedCase extends CaseResult {
  readonly verdict: Verdict
  readonly difference: KnownDifference | null
}

export interface JudgedRun {
  readonly client: ClientName
  readonly title: string
  readonly cases: readonly JudgedCase[]
  /** Entries of the known differences whose case this run should have, and has not. */
  readonly unused: readonly KnownDifference[]
  readonly passed: number
  /** Cases that ran. */
  readonly ran: number
  /** Cases that ran and need no feature with a licence of its own. */
  readonly unlicensed: number
}

/** Holds what a client found against the known differences. */
export function judge(run: ClientRun, known: readonly KnownDifference[]): JudgedRun {
  const own = known.filter((difference) => difference.client === run.client)
  const cases = run.cases.map((result): JudgedCase => {
    const difference = own.find((entry) => isOf(entry, result)) ?? null
    return { ...result, difference, verdict: verdictOf(result, difference) }
  })
  const suites = new Set(run.cases.map(({ suite }) => suite))
  const ran = cases.filter(({ outcome }) => outcome !== 'skipped')
  return {
    client: run.client,
    title: run.title,
    cases,
    // jsforce runs with its own suites or with ours; entries of the others wait for their turn.
    unused: own.filter(
      (entry) => suites.has(entry.suite) && !cases.some((result) => isOf(entry, result)),
    ),
    passed: ran.filter(({ outcome }) => outcome === 'passed').length,
    ran: ran.length,
    unlicensed: ran.filter(({ difference }) => difference?.kind !== 'licence').length,
  }
}

function isOf(entry: KnownDifference, result: CaseResult): boolean {
  return entry.suite === result.suite && entry.case === result.name
}

function verdictOf(result: CaseResult, difference: KnownDifference | null): Verdict {
  switch (result.outcome) {
    case 'passed':
      return difference === null ? 'passed' : 'mended'
    case 'failed':
      return difference === null ? 'unexplained' : 'explained'
    case 'skipped':
      return 'skipped'
  }
}
