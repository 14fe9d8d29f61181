import { describe, expect, test } from 'vitest'
import type { BulkOperation, Cell, RowResult } from '../contracts/bulk-job.ts'
import type { ObjectDescribe } from '../contracts/metadata.ts'
import type { ReadResultLine } from './result-lines.ts'
import { DESCRIBE, echoLine, LOCKED, MISSING, parseError, recordId } from './tie-fixture.ts'
import { createTie, type Tied } from './tie-results.ts'

function tie(facts: {
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
  lines: readonly ReadResultLine[]
  operation?: BulkOperation
  describe?: ObjectDescribe | null
  externalIdField?: string
  correlationField?: string
}): Tied<RowResult[]> {
  const tying = createTie({
    operation: facts.operation ?? 'insert',
    describe: facts.describe === undefined ? DESCRIBE : facts.describe,
    externalIdField: facts.externalIdField ?? null,
    correlationField: facts.correlationField ?? null,
    columns: facts.columns,
    parseError,
    unprocessedRetryable: true,
    upstreamJobId: '750',
  })
  for (const [index, cells] of facts.rows.entries()) tying.addRow({ rowNumber: index + 1, cells })
  for (const line of facts.lines) tying.addLine(line)
  return tying.finish()
}

const outcomes = (tied: Tied<RowResult[]>): string[] => tied.results.map((result) => result.outcome)

describe('by key', () => {
  test('an update is tied by Id, whatever form and case the Ids have', () => {
    const columns = ['Id', 'Name']
    const tied = tie({
      operation: 'update',
      columns,
      rows: [
        ['001D000000IqhSL', 'a'],
        ['001D000000IqhSM', 'a'],
      ],
      lines: [
        echoLine(['NAME', 'ID'], {
          kind: 'failed',
          cells: ['a', '001D000000IqhSMIAZ'],
          error: LOCKED,
        }),
        echoLine(['NAME', 'ID'], {
          kind: 'success',
          cells: ['a', '001d000000iqhsliaz'],
          id: '001D000000IqhSLIAZ',
        }),
      ],
    })
    expect(outcomes(tied)).toEqual(['success', 'failed'])
    expect(tied.results[1]).toMatchObject({
      errorCode: 'UNABLE_TO_LOCK_ROW',
      retryable: true,
      created: false,
    })
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
      rows: [
        ['A-1', 'x'],
        ['A-2', 'x'],
        ['A-3', 'x'],
      ],
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

  test('while a line is missing, an insert goes again only if Salesforce holds its key unique', () => {
    const retryable = (column: string): boolean | undefined =>
      tie({
        columns: [column],
        correlationField: column,
        rows: [['t1'], ['t2']],
        lines: [echoLine([column], { kind: 'failed', cells: ['t1'], error: LOCKED })],
      }).results[0]?.retryable
    expect(retryable('Trace__c')).toBe(false)
    expect(retryable('Ext__c')).toBe(true)
  })

  test('inserts are tied by the correlation field, else by a unique field', () => {
    const columns = ['Name', 'Trace__c', 'Ext__c']
    for (const correlationField of ['Trace__c', undefined]) {
      const tied = tie({
        columns,
        ...(correlationField === undefined ? {} : { correlationField }),
        rows: [
          ['a', 't1', 'e1'],
          ['a', 't2', 'e2'],
        ],
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
        echoLine(columns, {
          kind: 'success',
          cells: ['a\nb', '1.50', '2024-05-01T10:00:00.142Z'],
          id: recordId(1),
        }),
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
      rows: [
        ['a', null],
        ['a', ''],
      ],
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
      rows: [
        ['a', '1.005'],
        ['a', '1.015'],
      ],
      lines: [
        echoLine(columns, { kind: 'success', cells: ['a', '1.00'], id: recordId(1) }),
        echoLine(columns, { kind: 'success', cells: ['a', '1.01'], id: recordId(2) }),
      ],
    })
    for (const result of tied.results) {
      expect(result).toMatchObject({
        outcome: 'success',
        salesforceId: null,
        created: true,
        errorCode: 'not_told_apart',
      })
    }
  })

  test('failed rows that cannot be told apart are retried only if all their errors are transient', () => {
    const columns = ['Name', 'Amount__c']
    const ends = (first: string, second: string) =>
      tie({
        columns,
        rows: [
          ['a', '1.005'],
          ['a', '1.015'],
        ],
        lines: [
          echoLine(columns, { kind: 'failed', cells: ['a', '1.00'], error: first }),
          echoLine(columns, { kind: 'failed', cells: ['a', '1.01'], error: second }),
        ],
      }).results
    expect(ends(LOCKED, LOCKED)[0]).toMatchObject({
      errorCode: 'UNABLE_TO_LOCK_ROW',
      retryable: true,
    })
    expect(ends(LOCKED, MISSING)[1]).toMatchObject({
      errorCode: 'not_told_apart',
      retryable: false,
    })
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
    expect(tie({ columns: ['Name'], rows: [], lines: [] })).toEqual({
      results: [],
      unmatchedLines: 0,
    })
    const stray = echoLine(['Name'], { kind: 'success', cells: ['a'], id: recordId(1) })
    expect(tie({ columns: ['Name'], rows: [], lines: [stray] }).unmatchedLines).toBe(1)
  })
})
