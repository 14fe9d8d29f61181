import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { AggregatePlan, CountPlan, RecordsPlan, Sql } from './query-plan.ts'
import { renderGroup } from './render-record.ts'
import type { Reader, Row } from './render-value.ts'
import { SoqlError } from './soql-error.ts'
import { registerSqlFunctions } from './sql-functions.ts'

/** Numbers of records, in the order of a query. */
export type RecordNumbers = Uint32Array

/** Runs the SQL of plans on one connection. Throws SoqlError for statements that SQLite cannot hold. */
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
    const made = prepareBounded(database, sql.text)
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

/** What SQLite says of more columns, terms, variables or levels than it is built for. */
const TOO_LARGE = /^too many |is too large|stack overflow|too big/

/** A statement may keep to every rule of SOQL and still be more than SQLite takes: its caller's error. */
function prepareBounded(database: DatabaseSync, text: string): StatementSync {
  try {
    return database.prepare(text)
  } catch (error) {
    if (!(error instanceof Error) || !TOO_LARGE.test(error.message)) throw error
    throw new SoqlError('QUERY_TOO_COMPLICATED', 'Query is too complicated')
  }
}
