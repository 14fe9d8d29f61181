import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BulkOperation, Cell, RowResult, StagedRow } from '../contracts/bulk-job.ts'
import { createResultReader, type ReadResultLine, type ResultKind } from './result-lines.ts'
import {
  decodeStagedBatch,
  encodeStagedBatch,
  openStagedBatch,
  scanWireBatch,
} from './staged-batch-blob.ts'
import { createKeyTie } from './tie-by-key.ts'
import { DESCRIBE, LOCKED, MISSING, parseError, recordId } from './tie-fixture.ts'
import { createTie, type Tied, type TieInput } from './tie-results.ts'

const COLUMNS = ['Name', 'Ext__c', 'Trace__c']

interface Line {
  readonly kind: ResultKind
  readonly id: string
  readonly error: string
  readonly cells: readonly string[]
}

function inputOf(given: Partial<TieInput>): TieInput {
  return {
    operation: 'insert',
    describe: DESCRIBE,
    externalIdField: null,
    correlationField: null,
    columns: COLUMNS,
    parseError,
    unprocessedRetryable: true,
    upstreamJobId: '750',
    ...given,
  }
}

const quoted = (cells: readonly string[]) =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`

/** The three files as Salesforce would give them, the caller's columns as `echoed`. */
function filesOf(lines: readonly Line[], echoed: readonly string[]): [ResultKind, string][] {
  const of = (kind: ResultKind) => lines.filter((line) => line.kind === kind)
  return [
    [
      'success',
      quoted(['sf__Id', 'sf__Created', ...echoed]) +
        of('success')
          .map((line) => quoted([line.id, 'true', ...line.cells]))
          .join(''),
    ],
    [
      'failed',
      quoted(['sf__Id', 'sf__Error', ...echoed]) +
        of('failed')
          .map((line) => quoted(['', line.error, ...line.cells]))
          .join(''),
    ],
    [
      'unprocessed',
      quoted(echoed) +
        of('unprocessed')
          .map((line) => quoted(line.cells))
          .join(''),
    ],
  ]
}

interface Facts {
  readonly input: TieInput
  readonly rows: readonly StagedRow[]
  readonly lines: readonly Line[]
  readonly echoed?: readonly string[]
}

function byKey({ input, rows, lines, echoed }: Facts): Tied<RowResult[]> | null {
  const tie = createKeyTie(input)
  if (tie === null) return null
  const batch = openStagedBatch(encodeStagedBatch({ columns: input.columns, rows }))
  const place = input.columns.indexOf(tie.keyColumn)
  scanWireBatch(batch, (rowNumber, record) => tie.addRow(rowNumber, record, place))
  for (const [kind, text] of filesOf(lines, echoed ?? input.columns)) {
    const reader = createResultReader(kind, tie.addRecord)
    reader.push(Buffer.from(text))
    reader.finish()
  }
  const tied = tie.finish()
  if (tied === null) return null
  const results = Array.from({ length: tied.results.length }, (_, at) => tied.results.at(at))
  return { ...tied, results: results.filter((result) => result !== undefined) }
}

function byAllColumns({ input, rows, lines, echoed }: Facts): Tied<RowResult[]> {
  const tie = createTie(input)
  const { rows: staged } = decodeStagedBatch(encodeStagedBatch({ columns: input.columns, rows }))
  for (const row of staged) tie.addRow(row)
  const add = (record: { toLine(): ReadResultLine }) => tie.addLine(record.toLine())
  for (const [kind, text] of filesOf(lines, echoed ?? input.columns)) {
    const reader = createResultReader(kind, add)
    reader.push(Buffer.from(text))
    reader.finish()
  }
  return tie.finish()
}

const key = fc.oneof(
  fc.constantFrom(
    'k1',
    'K1',
    ' k1',
    'k1 ',
    'k-2',
    '#3',
    '#N/A',
    'é',
    'É',
    'a"b',
    'a,b',
    'x\r\ny',
    'ß',
    '',
  ),
  fc.string({ maxLength: 4 }),
  fc.constant(null),
)
/** What an org does to text on its way back, and what it is not known to do. */
const coercions: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.trim().replaceAll('\r\n', '\n'),
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD'),
  () => 'k1',
]
const kindOf = fc.constantFrom<ResultKind>('success', 'failed', 'unprocessed')
const madeParts = { name: fc.constantFrom('a', 'b'), kind: kindOf, isLocked: fc.boolean() }
const made = fc.record({ ...madeParts, key })
/** Keys that meet now and then, and keys that are apart, as those of a well-made job are. */
const madeRows = fc.oneof(
  fc.array(made, { maxLength: 8 }),
  fc.uniqueArray(fc.record({ ...madeParts, key: fc.stringMatching(/^[a-z0-9é" -]{1,6}$/) }), {
    minLength: 2,
    maxLength: 8,
    selector: (row) => row.key.trim().toLowerCase(),
  }),
)

function linesOf(
  rows: readonly { key: Cell; name: string; kind: ResultKind; isLocked: boolean }[],
  coerce: (text: string) => string,
): Line[] {
  return rows.map((row, index) => ({
    kind: row.kind,
    id: recordId(index + 1),
    error: row.isLocked ? LOCKED : MISSING,
    cells: [row.name, coerce(row.key ?? ''), coerce(row.key ?? '')],
  }))
}

const stagedOf = (rows: readonly { key: Cell; name: string }[]): StagedRow[] =>
  rows.map((row, index) => ({ rowNumber: index + 1, cells: [row.name, row.key, row.key] }))

const jobs = fc.constantFrom<Partial<TieInput>>(
  { correlationField: 'Ext__c' },
  { correlationField: 'Trace__c' },
  { operation: 'upsert', externalIdField: 'ext__C' },
  { correlationField: 'Ext__c', describe: null },
  {},
)

test('where keys decide every row, the tie by all columns says the same', () => {
  let decided = 0
  fc.assert(
    fc.property(
      jobs,
      madeRows,
      fc.constantFrom(...coercions),
      fc.nat(2),
      (job, rows, coerce, missing) => {
        const lines = linesOf(rows, coerce)
          .toReversed()
          .slice(missing === 2 ? 1 : 0)
        const facts = { input: inputOf(job), rows: stagedOf(rows), lines }
        const tied = byKey(facts)
        if (tied === null) return
        decided += rows.length > 1 ? 1 : 0
        expect(tied).toEqual(byAllColumns(facts))
        expect(tied.results).toHaveLength(rows.length)
      },
    ),
    { numRuns: 2_000 },
  )
  // Or the property would hold of nothing.
  expect(decided).toBeGreaterThan(50)
})

test('distinct keys that come back as they were sent decide every row', () => {
  const keys = fc.uniqueArray(fc.stringMatching(/^[a-z0-9é"][ -~]{0,6}[a-z0-9]$/), {
    minLength: 1,
    maxLength: 30,
    selector: (text) => text.toLowerCase(),
  })
  fc.assert(
    fc.property(keys, kindOf, (drawn, kind) => {
      const rows = drawn.map((text) => ({ key: text, name: 'n', kind, isLocked: false }))
      const facts = {
        input: inputOf({ correlationField: 'Ext__c' }),
        rows: stagedOf(rows),
        lines: linesOf(rows, (text) => text).toReversed(),
      }
      const tied = byKey(facts)
      expect(tied?.results.map((result) => result.outcome)).toEqual(drawn.map(() => kind))
      expect(tied).toEqual(byAllColumns(facts))
    }),
  )
})

describe('leaves to all columns', () => {
  const rows = [
    { key: 'a', name: 'n', kind: 'success' as const, isLocked: false },
    { key: 'b', name: 'n', kind: 'failed' as const, isLocked: true },
  ]
  const input = inputOf({ correlationField: 'Ext__c' })
  const lines = linesOf(rows, (text) => text)
  const staged = stagedOf(rows)

  test.each<[string, Facts]>([
    ['a job without a key', { input: inputOf({ columns: ['Name'] }), rows: [], lines: [] }],
    ['a missing line', { input, rows: staged, lines: lines.slice(1) }],
    ['a line too many', { input, rows: staged, lines: [...lines, ...lines.slice(1)] }],
    [
      'a key that two rows share',
      { input, rows: [staged[0], staged[0]].flatMap((row) => row ?? []), lines },
    ],
    [
      'a row without a key',
      {
        input,
        rows: stagedOf([
          { key: null, name: 'n' },
          { key: 'b', name: 'n' },
        ]),
        lines,
      },
    ],
    [
      'a key that is not echoed',
      { input, rows: staged, lines, echoed: ['Name', 'Other__c', 'Third__c'] },
    ],
    ['a key that came back as another', { input, rows: staged, lines: linesOf(rows, () => 'z') }],
  ])('%s', (_, facts) => {
    expect(byKey(facts)).toBeNull()
  })
})

test.each<BulkOperation>(['update', 'delete', 'hard_delete'])(
  'an %s is tied by Id in any spelling, echoed or not',
  (operation) => {
    const columns = ['Id', 'Name']
    const input = inputOf({ operation, columns })
    const rows = [
      { rowNumber: 3, cells: ['001D000000IqhSL', 'a'] },
      { rowNumber: 9, cells: ['001D000000IqhSMIAZ', 'a'] },
    ]
    const line = (id: string, cell: string): Line => ({
      kind: 'success',
      id,
      error: '',
      cells: [cell, 'a'],
    })
    const lines = [line('001D000000IqhSMIAZ', '001d000000iqhsmiaz'), line('001D000000IqhSLIAZ', '')]
    const tied = byKey({ input, rows, lines })
    expect(tied?.results.map(({ rowNumber, salesforceId }) => [rowNumber, salesforceId])).toEqual([
      [3, '001D000000IqhSLIAZ'],
      [9, '001D000000IqhSMIAZ'],
    ])
  },
)

test('100,000 keys do not meet', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => ({
    key: `bench-${String(index).padStart(8, '0')}`,
    name: 'n',
    kind: 'success' as const,
    isLocked: false,
  }))
  const facts = {
    input: inputOf({ correlationField: 'Ext__c' }),
    rows: stagedOf(rows),
    lines: linesOf(rows, (text) => text).toReversed(),
  }
  const tied = byKey(facts)
  expect(tied?.results.every((result, at) => result.salesforceId === recordId(at + 1))).toBe(true)
})
