import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Schema } from '../schema/schema.ts'
import type { AggregatePlan, CountPlan, RecordsPlan, Sql } from './query-plan.ts'
import { renderGroup, renderRecord } from './render-record.ts'
import type { Reader, Row } from './render-value.ts'
import { registerSqlFunctions } from './sql-functions.ts'

/** Numbers of records, in the order of a query. */
export type RecordNumbers = Uint32Array

/** Runs the SQL of plans on one connection. */
export interface QueryRunner {
  count(plan: CountPlan): number
  /** As many groups as there are, but no more than `most`. */
  groups(plan: AggregatePlan, reader: Reader, most: number): object[]
  /** The records that a query finds, or those of a child query of one parent. */
  numbers(plan: RecordsPlan, parentId?: string): RecordNumbers
  /** The rows of these records, in this order; a record that is gone has none. */
  rows(plan: RecordsPlan, numbers: RecordNumbers): Iterable<Row>
}

export function createQueryRunner(database: DatabaseSync): QueryRunner {
  registerSqlFunctions(database)
  const prepared = new Map<string, StatementSync>()

  function prepare(sql: Sql): StatementSync {
    const known = prepared.get(sql.text)
    if (known !== undefined) return known
    const made = database.prepare(sql.text)
    made.setReturnArrays(true)
    prepared.set(sql.text, made)
    return made
  }

  function* run(sql: Sql, more: Record<string, SQLInputValue> = {}): Generator<Row> {
    // With arrays asked for, rows are arrays; the declared type knows objects only.
    yield* prepare(sql).iterate({
      ...sql.parameters,
      ...more,
    }) as Iterable<unknown> as Iterable<Row>
  }

  return {
    count: (plan) => Number([...run(plan.sql)][0]?.[0] ?? 0),
    groups(plan, reader, most) {
      const groups: object[] = []
      for (const row of run(plan.sql)) {
        groups.push(renderGroup(plan, row, reader))
        if (groups.length >= most) break
      }
      return groups
    },
    numbers(plan, parentId) {
      let numbers = new Uint32Array(parentId === undefined ? 2_048 : 16)
      let count = 0
      for (const row of run(plan.numbers, parentId === undefined ? {} : { parent: parentId })) {
        if (count === numbers.length) {
          const wider = new Uint32Array(count * 2)
          wider.set(numbers)
          numbers = wider
        }
        numbers[count] = Number(row[0])
        count += 1
      }
      return numbers.subarray(0, count)
    },
    rows: (plan, numbers) => run(plan.rows, { numbers: `[${numbers.join(',')}]` }),
  }
}

/** A page of records with those of their child queries. */
export interface RecordPage {
  readonly records: readonly object[]
  /** How many of the numbers it covers, records that are gone included. */
  readonly covered: number
}

export interface PageScope {
  readonly runner: QueryRunner
  readonly schema: Schema
  readonly reader: Reader
  readonly version: number
  /** Rows of a page, those of child queries included: the last parent may exceed it. */
  readonly size: number
  /** The address of what does not fit of a child query. */
  readonly moreChildren: (plan: RecordsPlan, numbers: RecordNumbers, from: number) => string
}

/** Reads records from one of the numbers on, as many as fit. */
export function readPage(
  plan: RecordsPlan,
  numbers: RecordNumbers,
  from: number,
  scope: PageScope,
): RecordPage {
  const slice = numbers.subarray(from, from + scope.size)
  let room = scope.size
  const records: object[] = []

  function children(child: RecordsPlan, parentId: string): object | null {
    const found = scope.runner.numbers(child, parentId)
    if (found.length === 0) return null
    const first = found.subarray(0, scope.size)
    const shown = [...scope.runner.rows(child, first)].map((row) =>
      renderRecord(child.shape, row, render),
    )
    room -= shown.length
    const done = first.length === found.length
    const next = done ? {} : { nextRecordsUrl: scope.moreChildren(child, found, first.length) }
    return { totalSize: found.length, done, ...next, records: shown }
  }
  const render = { schema: scope.schema, reader: scope.reader, version: scope.version, children }

  for (const row of [...scope.runner.rows(plan, slice)]) {
    if (room <= 0) return { records, covered: Number(row.at(-1)) }
    records.push(renderRecord(plan.shape, row, render))
    room -= 1
  }
  return { records, covered: slice.length }
}
