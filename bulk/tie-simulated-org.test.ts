import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell, RowResult, StagedRow } from '../contracts/bulk-job.ts'
import type { ReadResultLine } from './result-lines.ts'
import { DESCRIBE, echoLine, LOCKED, MISSING, parseError, recordId } from './tie-fixture.ts'
import { createTie, type Tied, type TieInput } from './tie-results.ts'

describe('against a simulated org', () => {
  const COLUMNS = ['Name', 'Email__c', 'Amount__c', 'When__c', 'Flag__c', 'Trace__c']
  const NAMES = [
    'Acme',
    'Acme ',
    ' Acme',
    'ACME',
    'A&B',
    'A&amp;B',
    'A&amp;amp;B',
    'Bob  X',
    'Bob X',
    'x\r\ny',
    'x\ny',
    'x\u0000y',
    'xy',
    'caf\u00e9',
    'cafe\u0301',
    '1',
    '01',
    '1.0',
    '"q"',
    'longer name',
    'long',
    '',
  ] as const
  const AMOUNTS = [
    '1',
    '1.0',
    '1.00',
    '1.005',
    '1.01',
    '1.015',
    '1.02',
    '1e0',
    '2',
    '-0.005',
    '0',
    'n/a',
  ] as const
  const MOMENTS = [
    '2024-05-01T10:00:00Z',
    '2024-05-01T12:00:00+02:00',
    '2024-05-01T10:00:00.142Z',
    '2024-05-01T10:00:00.14287Z',
    '2024-05-01T10:00:00.143Z',
    '2024-05-01',
  ] as const
  const cell = (values: readonly string[]): fc.Arbitrary<Cell> =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 6, arbitrary: fc.constantFrom(...values) },
    )
  const rowArbitrary = fc.tuple(
    cell(NAMES),
    cell(['a@x.org', 'A@x.org', 'b@x.org']),
    cell(AMOUNTS),
    cell(MOMENTS),
    cell(['true', 'false', '1']),
    cell(NAMES),
  )

  type Coercion = (value: string, column: string) => string

  /** What an org is known to do. */
  const known: Coercion = (value, column) => {
    const text = value.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '').replaceAll('\r\n', '\n')
    if (column === 'Amount__c' && /^-?[\d.e]+$/.test(text)) {
      // Half away from zero, on a number small enough to be exact in thousandths.
      const thousandths = Math.round(Number(text) * 1000)
      const rounded = (Math.sign(thousandths) * Math.floor((Math.abs(thousandths) + 5) / 10)) / 100
      return rounded.toFixed(2)
    }
    if (column === 'When__c' && text.includes('T')) {
      return new Date(text.replace(/(\.\d{3})\d+/, '$1')).toISOString()
    }
    return column === 'Flag__c' && text === '1' ? 'true' : text
  }
  const rewriting =
    (more: Coercion): Coercion =>
    (value, column) =>
      more(known(value, column), column)

  /** What an org is not known to do, and might. */
  const unknown: Record<string, Coercion> = {
    lower: rewriting((value) => value.toLowerCase()),
    upper: rewriting((value) => value.toUpperCase()),
    collapse: rewriting((value) => value.replace(/\s+/g, ' ')),
    strip: rewriting((value) => value.replaceAll('\u0000', '')),
    truncate: rewriting((value) => value.slice(0, 4)),
    escape: rewriting((value, column) =>
      /Name|Trace/.test(column) ? value.replaceAll('&', '&amp;').replaceAll('"', '&quot;') : value,
    ),
    compose: rewriting((value) => value.normalize('NFC')),
    decompose: rewriting((value) => value.normalize('NFD')),
    numeric: rewriting((value) =>
      value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value,
    ),
    wholeSeconds: rewriting((value, column) =>
      column === 'When__c' ? value.replace(/\.\d{3}Z/, '.000Z') : value,
    ),
    floor: (value, column) =>
      column === 'Amount__c' && Number.isFinite(Number(value)) && value !== ''
        ? (Math.floor(Math.round(Number(value) * 1000) / 10) / 100).toFixed(2)
        : known(value, column),
    whole: (value, column) =>
      column === 'Amount__c' && Number.isFinite(Number(value)) && value !== ''
        ? String(Math.floor(Number(value)))
        : known(value, column),
    defaults: rewriting((value, column) => (value === '' && column === 'Name' ? 'Acme' : value)),
  }

  interface World {
    readonly rows: readonly StagedRow[]
    /** The line of each row, by the place of the row. */
    readonly truth: readonly (ReadResultLine['line'] | null)[]
    readonly tied: Tied<RowResult[]>
    readonly lineCount: number
  }

  function simulate(
    cells: readonly (readonly Cell[])[],
    ends: readonly number[],
    order: readonly number[],
    isDropped: readonly boolean[],
    coerce: Coercion,
    facts: Partial<TieInput> = {},
  ): World {
    const rows = cells.map((row, index) => ({ rowNumber: 10 + index, cells: row }))
    const echoed = order.map((place) => COLUMNS[place] ?? '')
    const names = echoed.map((name, index) => (index % 2 === 0 ? name.toUpperCase() : name))
    const truth = cells.map((row, index): ReadResultLine['line'] | null => {
      if (isDropped[index]) return null
      const end = (ends[index] ?? 0) % 4
      const kind = end === 0 ? 'success' : end === 3 ? 'unprocessed' : 'failed'
      const echoes = order.map((place) => coerce(row[place] ?? '', COLUMNS[place] ?? ''))
      const error = end === 1 ? LOCKED : MISSING
      return echoLine(names, {
        kind,
        cells: echoes,
        error,
        ...(kind === 'success' ? { id: recordId(index) } : {}),
      }).line
    })
    const lines = truth
      .flatMap((line) => (line === null ? [] : [{ columns: names, line }]))
      .sort((left, right) => left.line.cells.join().localeCompare(right.line.cells.join()))
    const tying = createTie({
      operation: 'insert',
      describe: DESCRIBE,
      externalIdField: null,
      correlationField: null,
      columns: COLUMNS,
      parseError,
      unprocessedRetryable: true,
      upstreamJobId: '750',
      ...facts,
    })
    for (const row of rows) tying.addRow(row)
    for (const line of lines) tying.addLine(line)
    const tied = tying.finish()
    return { rows, truth, tied, lineCount: lines.length }
  }

  /** Rows that are the same to Salesforce for sure. */
  const identity = (row: readonly Cell[]): string =>
    JSON.stringify(
      row.map((value, place) => {
        if (value === null || value === '') return value
        const column = COLUMNS[place] ?? ''
        return /Amount|Flag/.test(column) ? value : known(value, column)
      }),
    )

  function countBy<Item>(
    items: readonly Item[],
    key: (item: Item, index: number) => string,
  ): Map<string, number> {
    const counts = new Map<string, number>()
    items.forEach((item, index) => {
      const name = key(item, index)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    })
    return counts
  }

  function expectWhole({ rows, tied, lineCount, truth }: World): void {
    expect(tied.results.map((result) => result.rowNumber)).toEqual(rows.map((row) => row.rowNumber))
    const decided = tied.results.filter((result) => result.outcome !== 'unknown').length
    expect(decided + tied.unmatchedLines).toBe(lineCount)
    const ids = tied.results.flatMap((result) => result.salesforceId ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const real = new Set(truth.flatMap((line) => line?.salesforceId ?? []))
    expect(ids.every((id) => real.has(id))).toBe(true)
  }

  /** No outcome, and no leave to retry, is given to more rows than identical rows had it. */
  function expectTrue({ rows, tied, truth }: World, which: (result: RowResult) => boolean): void {
    const name = (index: number): string => identity(rows[index]?.cells ?? [])
    const had = countBy(truth, (line, index) => `${name(index)} ${line?.outcome}`)
    const given = countBy(tied.results, (result, index) =>
      which(result) ? `${name(index)} ${result.outcome}` : 'none',
    )
    const couldRetry = countBy(truth, (line, index) =>
      line?.outcome === 'unprocessed' || line?.error === LOCKED ? name(index) : 'none',
    )
    const retried = countBy(tied.results, (result, index) =>
      which(result) && result.retryable ? name(index) : 'none',
    )
    for (const [most, counts] of [
      [had, given],
      [couldRetry, retried],
    ] as const) {
      for (const [key, count] of counts) {
        if (key !== 'none') expect(most.get(key) ?? 0, key).toBeGreaterThanOrEqual(count)
      }
    }
    tied.results.forEach((result, index) => {
      if (!which(result) || result.salesforceId === null) return
      const owner = truth.findIndex((line) => line?.salesforceId === result.salesforceId)
      expect(name(owner)).toBe(name(index))
    })
  }

  const worldArbitrary = fc.array(rowArbitrary, { minLength: 1, maxLength: 14 }).chain((cells) =>
    fc.record({
      cells: fc.constant(cells),
      ends: fc.array(fc.nat(3), { minLength: cells.length, maxLength: cells.length }),
      dropped: fc.array(
        fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
        {
          minLength: cells.length,
          maxLength: cells.length,
        },
      ),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      facts: fc.constantFrom<Partial<TieInput>>(
        {},
        { correlationField: 'Trace__c' },
        { describe: null },
        { operation: 'upsert', externalIdField: 'Trace__c' },
      ),
    }),
  )
  const RUNS = { numRuns: 200 }

  test('with the known coercions every outcome given is the row’s own or that of an identical row', () => {
    fc.assert(
      fc.property(worldArbitrary, ({ cells, ends, order, facts }) => {
        // Without a describe the known coercions are unknown too; the next property has that case.
        const described = facts.describe === null ? {} : facts
        const world = simulate(cells, ends, order, [], known, described)
        expectWhole(world)
        expectTrue(world, (result) => result.outcome !== 'unknown')
      }),
      RUNS,
    )
  })

  test('rows that all differ are all tied', () => {
    const distinct = fc.uniqueArray(rowArbitrary, {
      minLength: 1,
      maxLength: 14,
      selector: (row) =>
        row.map((value, place) => known(value ?? '', COLUMNS[place] ?? '')).join('|'),
    })
    fc.assert(
      fc.property(distinct, fc.array(fc.nat(3), { minLength: 14 }), (cells, ends) => {
        const world = simulate(cells, ends, [5, 3, 0, 1, 2, 4], [], known)
        const expected = world.truth.map((line) => line?.outcome)
        expect(world.tied.results.map((result) => result.outcome)).toEqual(expected)
      }),
      RUNS,
    )
  })

  test('with coercions that are not known a row is unknown rather than wrong', () => {
    const coercion = fc.constantFrom(...Object.keys(unknown))
    fc.assert(
      fc.property(worldArbitrary, coercion, ({ cells, ends, order, facts }, name) => {
        const world = simulate(cells, ends, order, [], unknown[name] ?? known, facts)
        expectWhole(world)
        expectTrue(world, (result) => result.outcome !== 'unknown')
      }),
      { numRuns: 500 },
    )
  })

  test('with lines missing, known coercions give no wrong outcome and unknown ones no wrong retry', () => {
    const coercion = fc.constantFrom('known', ...Object.keys(unknown))
    fc.assert(
      fc.property(worldArbitrary, coercion, ({ cells, ends, order, dropped, facts }, name) => {
        const isKnown = name === 'known' && facts.describe !== null
        const world = simulate(cells, ends, order, dropped, unknown[name] ?? known, facts)
        expectWhole(world)
        const isMissing = world.lineCount < cells.length
        // An upsert that goes again on a wrong word finds the record that it wrote: it doubles nothing.
        const isHarmless = facts.operation === 'upsert' && name !== 'known'
        expectTrue(world, (result) =>
          isKnown ? result.outcome !== 'unknown' : isMissing && result.retryable && !isHarmless,
        )
      }),
      { numRuns: 500 },
    )
  })
})
