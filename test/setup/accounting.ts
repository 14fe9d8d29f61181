import { expect } from 'vitest'
import type { RowOutcome } from '../../contracts/bulk-job.ts'
import type { TestConveyor } from './conveyor.ts'

/** What a run did to the rows, counted against the org itself. */
export interface Accounting {
  readonly rows: number
  /** Rows reported as written that the org does not hold. */
  readonly lost: number
  /** Rows that the org holds more than once. */
  readonly doubled: number
  /** Rows that the org holds though they are reported as not written. */
  readonly hidden: number
  readonly outcomes: Readonly<Record<RowOutcome, number>>
}

/** Compares an insert of rows with distinct values in `field` with what the org holds. */
export async function accountFor(
  conveyor: TestConveyor,
  jobId: string,
  values: readonly string[],
  options: { readonly object?: string; readonly field?: string } = {},
): Promise<Accounting> {
  const field = options.field ?? 'Name'
  const held = new Map<string, string[]>()
  for (const record of await conveyor.org.records(options.object ?? 'Account')) {
    const value = String(record[field])
    held.set(value, [...(held.get(value) ?? []), String(record['Id'])])
  }
  const results = await conveyor.results(jobId)
  const outcomes = { success: 0, failed: 0, unprocessed: 0, unknown: 0 }
  let lost = 0
  let doubled = 0
  let hidden = 0
  const seen = new Set<number>()
  for (const result of results) {
    // One outcome a row: a second one would be a row counted twice.
    expect(seen.has(result.rowNumber)).toBe(false)
    seen.add(result.rowNumber)
    outcomes[result.outcome] += 1
    const value = values[result.rowNumber - 1] ?? ''
    const ids = held.get(value) ?? []
    if (ids.length > 1) doubled += 1
    if (result.outcome === 'success') {
      if (ids.length === 0 || (result.salesforceId !== null && !ids.includes(result.salesforceId)))
        lost += 1
    } else if (ids.length > 0 && result.outcome !== 'unknown') {
      hidden += 1
    }
  }
  expect(seen.size).toBe(values.length)
  const job = await conveyor.job(jobId)
  expect(job.counts).toEqual(outcomes)
  return { rows: values.length, lost, doubled, hidden, outcomes }
}

/** Nothing lost, nothing doubled, nothing hidden. */
export function expectExact(accounting: Accounting): void {
  expect(accounting).toMatchObject({ lost: 0, doubled: 0, hidden: 0 })
}

/** Names that no other row shares. */
export function distinctNames(count: number, prefix = 'Account'): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${prefix} ${String(index + 1).padStart(7, '0')}`,
  )
}
