import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BulkOperation, Cell, RowResult, StagedRow } from '../contracts/bulk-job.ts'
import type { ObjectDescribe } from '../contracts/metadata.ts'
import { fieldFixture, objectFixture } from './describe-fixture.ts'
import type { ReadResultLine, ResultKind } from './result-lines.ts'
import { type RowError, type TieInput, type Tied, tieResults } from './tie-results.ts'

const LOCKED = 'UNABLE_TO_LOCK_ROW:busy:--'
const MISSING = 'REQUIRED_FIELD_MISSING:gone:Name --'

function parseError(text: string): RowError {
  const [code = '', message = ''] = text.split(':')
  return { code, message, fields: [], transient: text === LOCKED }
}

const FIELDS = [
  fieldFixture('Name'),
  fieldFixture('Email__c', { type: 'email' }),
  fieldFixture('Amount__c', { type: 'currency' }),
  fieldFixture('When__c', { type: 'datetime' }),
  fieldFixture('Flag__c', { type: 'boolean' }),
  fieldFixture('Ext__c', { externalId: true, idLookup: true, unique: true }),
  fieldFixture('Trace__c', { externalId: true, idLookup: true, caseSensitive: true }),
]
const DESCRIBE = objectFixture(FIELDS)

function recordId(number: number): string {
  return `001000000${String(number).padStart(6, '0')}AAA`
}

interface Echo {
  readonly kind: ResultKind
  readonly cells: readonly string[]
  readonly id?: string
  readonly error?: string
}

function echoLine(columns: readonly string[], echo: Echo): ReadResultLine {
  return {
    columns,
    line: {
      outcome: echo.kind,
      salesforceId: echo.id ?? null,
      created: echo.kind === 'success' ? true : null,
      error: echo.kind === 'failed' ? (echo.error ?? MISSING) : null,
      cells: echo.cells,
    },
  }
}

function tie(facts: {
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
  lines: readonly ReadResultLine[]
  operation?: BulkOperation
  describe?: ObjectDescribe | null
  externalIdField?: string
  correlationField?: string
}): Tied {
  const input: TieInput = {
    operation: facts.operation ?? 'insert',
    describe: facts.describe === undefined ? DESCRIBE : facts.describe,
    externalIdField: facts.externalIdField ?? null,
    correlationField: facts.correlationField ?? null,
    columns: facts.columns,
    rows: facts.rows.map((cells, index) => ({ rowNumber: index + 1, cells })),
    lines: facts.lines,
    parseError,
    unprocessedRetryable: true,
    upstreamJobId: '750',
  }
  return tieResults(input)
}

const outcomes = (tied: Tied): string[] => tied.results.map((result) => result.outcome)

describe('by key', () => {
  test('an update is tied by Id, whatever form and case the Ids have', () => {
    const columns = ['Id', 'Name']
    const tied = tie({
      operation: 'update',
      columns,
      rows: [['001D000000IqhSL', 'a'], ['001D000000IqhSM', 'a']],
      lines: [
        echoLine(['NAME', 'ID'], { kind: 'failed', cells: ['a', '001D000000IqhSMIAZ'], error: LOCKED }),
        echoLine(['NAME', 'ID'], { kind: 'success', cells: ['a', '001d000000iqhsliaz'], id: '001D000000IqhSLIAZ' }),
      ],
    })
    expect(outcomes(tied)).toEqual(['success', 'failed'])
    expect(tied.results[1]).toMatchObject({ errorCode: 'UNABLE_TO_LOCK_ROW', retryable: true, created: false })
    expect(tied.unmatchedLines).toBe(0)
  })

  test('an update whose describe is not known is tied by Id too', () => {
    const tied = tie({
      operation: 'update',
      describe: null,
      columns: ['Id'],
      rows: [['001D000000IqhSL']],
      lines: [echoLine(['Id'], { kind: 'unprocessed', cells: ['001D000000IqhSLIAZ'] })],
    })
    expect(tied.results[0]).toMatchObject({ outcome: 'unprocessed', retryable: true })
  })

  test('a delete whose Id is not echoed is tied by sf__Id', () => {
    const tied = tie({
      operation: 'delete',
      columns: ['Id'],
      rows: [[recordId(1)], [recordId(2)]],
      lines: [
        echoLine([], { kind: 'failed', cells: [], id: recordId(2) }),
        echoLine([], { kind: 'success', cells: [], id: recordId(1) }),
      ],
    })
    expect(outcomes(tied)).toEqual(['success', 'failed'])
  })

  test('an upsert is tied by its external id without regard to case, also where a line is missing', () => {
    const tied = tie({
      operation: 'upsert',
      externalIdField: 'ext__C',
      columns: ['Ext__c', 'Name'],
      rows: [['A-1', 'x'], ['A-2', 'x'], ['A-3', 'x']],
      lines: [
        echoLine(['Ext__c', 'Name'], { kind: 'failed', cells: ['a-3', 'x'], error: LOCKED }),
        echoLine(['Ext__c', 'Name'], { kind: 'success', cells: ['a-1', 'x'], id: recordId(1) }),
      ],
    })
    expect(outcomes(tied)).toEqual(['success', 'unknown', 'failed'])
    expect(tied.results[1]).toMatchObject({ errorCode: 'no_result', retryable: false })
    expect(tied.results[2]?.retryable).toBe(true)
  })

  test('a key on two lines decides nothing', () => {
    const columns = ['Ext__c']
    const tied = tie({
      operation: 'upsert',
      externalIdField: 'Ext__c',
      columns,
      rows: [['A'], ['B']],
      lines: [
        echoLine(columns, { kind: 'failed', cells: ['A'], error: LOCKED }),
        echoLine(columns, { kind: 'success', cells: ['A'], id: recordId(1) }),
      ],
    })
    expect(outcomes(tied)).toEqual(['unknown', 'unknown'])
    expect(tied.unmatchedLines).toBe(2)
  })

  test('a key that may be rewritten is not taken for the key of a row whose line is missing', () => {
    // The first row's line, escaped, has the second row's key; the second row's line is lost.
    const columns = ['Trace__c']
    const tied = tie({
      columns,
      correlationField: 'Trace__c',
      rows: [['a&b'], ['a&amp;b']],
      lines: [echoLine(columns, { kind: 'failed', cells: ['a&amp;b'], error: LOCKED })],
    })
    expect(tied.results.every((result) => !result.retryable)).toBe(true)
  })

  test('inserts are tied by the correlation field, else by a unique field', () => {
    const columns = ['Name', 'Trace__c', 'Ext__c']
    for (const correlationField of ['Trace__c', undefined]) {
      const tied = tie({
        columns,
        ...(correlationField === undefined ? {} : { correlationField }),
        rows: [['a', 't1', 'e1'], ['a', 't2', 'e2']],
        lines: [
          echoLine(columns, { kind: 'unprocessed', cells: ['changed', 't2', 'e2'] }),
          echoLine(columns, { kind: 'success', cells: ['a', 't1', 'e1'], id: recordId(1) }),
        ],
      })
      expect(outcomes(tied)).toEqual(['success', 'unprocessed'])
    }
  })
})

describe('by content', () => {
  test('rewritten values are compared as Salesforce stores them', () => {
    const columns = ['Name', 'Amount__c', 'When__c']
    const tied = tie({
      columns,
      rows: [
        [' a\r\nb ', '1.50', '2024-05-01T12:00:00.14287+02:00'],
        ['a\nb', '1.5', '2024-05-01T10:00:01Z'],
      ],
      lines: [
        echoLine(columns, { kind: 'failed', cells: ['a\nb', '1.5', '2024-05-01T10:00:01.000Z'] }),
        echoLine(columns, { kind: 'success', cells: ['a\nb', '1.50', '2024-05-01T10:00:00.142Z'], id: recordId(1) }),
      ],
    })
    expect(outcomes(tied)).toEqual(['success', 'failed'])
  })

  test('identical rows share their lines out', () => {
    const columns = ['Name']
    const tied = tie({
      columns,
      rows: [['a'], ['a'], ['a']],
      lines: [
        echoLine(columns, { kind: 'failed', cells: ['a'], error: LOCKED }),
        echoLine(columns, { kind: 'success', cells: ['a'], id: recordId(1) }),
        echoLine(columns, { kind: 'success', cells: ['a'], id: recordId(2) }),
      ],
    })
    expect(outcomes(tied).sort()).toEqual(['failed', 'success', 'success'])
    expect(tied.results.filter((result) => result.retryable)).toHaveLength(1)
  })

  test('a row that leaves a field alone is not identical to one that clears it', () => {
    const columns = ['Name', 'Email__c']
    const tied = tie({
      columns,
      rows: [['a', null], ['a', '']],
      lines: [
        echoLine(columns, { kind: 'failed', cells: ['a', ''], error: LOCKED }),
        echoLine(columns, { kind: 'success', cells: ['a', ''], id: recordId(1) }),
      ],
    })
    expect(outcomes(tied)).toEqual(['unknown', 'unknown'])
    expect(tied.results[0]?.errorCode).toBe('not_tied')
  })

  test('similar rows whose lines agree get the outcome but no id', () => {
    const columns = ['Name', 'Amount__c']
    const tied = tie({
      columns,
      rows: [['a', '1.005'], ['a', '1.015']],
      lines: [
        echoLine(columns, { kind: 'success', cells: ['a', '1.00'], id: recordId(1) }),
        echoLine(columns, { kind: 'success', cells: ['a', '1.01'], id: recordId(2) }),
      ],
    })
    for (const result of tied.results) {
      expect(result).toMatchObject({ outcome: 'success', salesforceId: null, created: true, errorCode: 'not_told_apart' })
    }
  })

  test('failed rows that cannot be told apart are retried only if all their errors are transient', () => {
    const columns = ['Name', 'Amount__c']
    const ends = (first: string, second: string) =>
      tie({
        columns,
        rows: [['a', '1.005'], ['a', '1.015']],
        lines: [
          echoLine(columns, { kind: 'failed', cells: ['a', '1.00'], error: first }),
          echoLine(columns, { kind: 'failed', cells: ['a', '1.01'], error: second }),
        ],
      }).results
    expect(ends(LOCKED, LOCKED)[0]).toMatchObject({ errorCode: 'UNABLE_TO_LOCK_ROW', retryable: true })
    expect(ends(LOCKED, MISSING)[1]).toMatchObject({ errorCode: 'not_told_apart', retryable: false })
  })

  test('one value that comes back in an unknown form does not hide the others', () => {
    const columns = ['Name']
    const tied = tie({
      columns,
      rows: [['x\u0000y'], ['b'], ['c']],
      lines: [
        echoLine(columns, { kind: 'success', cells: ['c'], id: recordId(1) }),
        echoLine(columns, { kind: 'unprocessed', cells: ['xy'] }),
        echoLine(columns, { kind: 'failed', cells: ['b'] }),
      ],
    })
    expect(outcomes(tied)).toEqual(['unprocessed', 'failed', 'success'])
  })

  test('a rewriting that shifts values onto each other is not believed', () => {
    // Rounded down: the line 1.01 is that of 1.015, which our form takes for 1.02.
    const columns = ['Amount__c']
    const tied = tie({
      columns,
      rows: [['1.005'], ['1.015']],
      lines: [
        echoLine(columns, { kind: 'success', cells: ['1.00'], id: recordId(1) }),
        echoLine(columns, { kind: 'failed', cells: ['1.01'], error: LOCKED }),
      ],
    })
    expect(outcomes(tied)).toEqual(['unknown', 'unknown'])
  })

  test('nothing is retried on the word of content while a line is missing', () => {
    const columns = ['Name']
    const tied = tie({
      columns,
      rows: [['a'], ['b']],
      lines: [echoLine(columns, { kind: 'failed', cells: ['a'], error: LOCKED })],
    })
    expect(tied.results[0]).toMatchObject({ outcome: 'failed', retryable: false })
    expect(tied.results[1]?.outcome).toBe('unknown')
  })

  test('no rows and no lines are no trouble; stray lines are counted', () => {
    expect(tie({ columns: ['Name'], rows: [], lines: [] })).toEqual({ results: [], unmatchedLines: 0 })
    const stray = echoLine(['Name'], { kind: 'success', cells: ['a'], id: recordId(1) })
    expect(tie({ columns: ['Name'], rows: [], lines: [stray] }).unmatchedLines).toBe(1)
  })
})

describe('against a simulated org', () => {
  const COLUMNS = ['Name', 'Email__c', 'Amount__c', 'When__c', 'Flag__c', 'Trace__c']
  const NAMES = [
    'Acme', 'Acme ', ' Acme', 'ACME', 'A&B', 'A&amp;B', 'A&amp;amp;B', 'Bob  X', 'Bob X', 'x\r\ny',
    'x\ny', 'x\u0000y', 'xy', 'caf\u00e9', 'cafe\u0301', '1', '01', '1.0', '"q"', 'longer name', 'long', '',
  ] as const
  const AMOUNTS = ['1', '1.0', '1.00', '1.005', '1.01', '1.015', '1.02', '1e0', '2', '-0.005', '0', 'n/a'] as const
  const MOMENTS = [
    '2024-05-01T10:00:00Z', '2024-05-01T12:00:00+02:00', '2024-05-01T10:00:00.142Z',
    '2024-05-01T10:00:00.14287Z', '2024-05-01T10:00:00.143Z', '2024-05-01',
  ] as const
  const cell = (values: readonly string[]): fc.Arbitrary<Cell> =>
    fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 6, arbitrary: fc.constantFrom(...values) })
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
  const after = (more: Coercion): Coercion => (value, column) => more(known(value, column), column)

  /** What an org is not known to do, and might. */
  const unknown: Record<string, Coercion> = {
    lower: after((value) => value.toLowerCase()),
    upper: after((value) => value.toUpperCase()),
    collapse: after((value) => value.replace(/\s+/g, ' ')),
    strip: after((value) => value.replaceAll('\u0000', '')),
    truncate: after((value) => value.slice(0, 4)),
    escape: after((value, column) =>
      /Name|Trace/.test(column) ? value.replaceAll('&', '&amp;').replaceAll('"', '&quot;') : value,
    ),
    compose: after((value) => value.normalize('NFC')),
    decompose: after((value) => value.normalize('NFD')),
    numeric: after((value) => (value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value)),
    wholeSeconds: after((value, column) => (column === 'When__c' ? value.replace(/\.\d{3}Z/, '.000Z') : value)),
    floor: (value, column) =>
      column === 'Amount__c' && Number.isFinite(Number(value)) && value !== ''
        ? (Math.floor(Math.round(Number(value) * 1000) / 10) / 100).toFixed(2)
        : known(value, column),
    whole: (value, column) =>
      column === 'Amount__c' && Number.isFinite(Number(value)) && value !== ''
        ? String(Math.floor(Number(value)))
        : known(value, column),
    defaults: after((value, column) => (value === '' && column === 'Name' ? 'Acme' : value)),
  }

  interface World {
    readonly rows: readonly StagedRow[]
    /** The line of each row, by the place of the row. */
    readonly truth: readonly (ReadResultLine['line'] | null)[]
    readonly tied: Tied
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
      return echoLine(names, { kind, cells: echoes, error, ...(kind === 'success' ? { id: recordId(index) } : {}) }).line
    })
    const lines = truth
      .flatMap((line) => (line === null ? [] : [{ columns: names, line }]))
      .sort((left, right) => left.line.cells.join().localeCompare(right.line.cells.join()))
    const tied = tieResults({
      operation: 'insert',
      describe: DESCRIBE,
      externalIdField: null,
      correlationField: null,
      columns: COLUMNS,
      rows,
      lines,
      parseError,
      unprocessedRetryable: true,
      upstreamJobId: '750',
      ...facts,
    })
    return { rows, truth, tied, lineCount: lines.length }
  }

  /** Rows that are the same to Salesforce for sure. */
  const identity = (row: readonly Cell[]): string =>
    JSON.stringify(row.map((value, place) => {
      if (value === null || value === '') return value
      const column = COLUMNS[place] ?? ''
      return /Amount|Flag/.test(column) ? value : known(value, column)
    }))

  function countBy<Item>(items: readonly Item[], key: (item: Item, index: number) => string): Map<string, number> {
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
    for (const [most, counts] of [[had, given], [couldRetry, retried]] as const) {
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
      dropped: fc.array(fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0), {
        minLength: cells.length,
        maxLength: cells.length,
      }),
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
      selector: (row) => row.map((value, place) => known(value ?? '', COLUMNS[place] ?? '')).join('|'),
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
