import type { Schema } from '../schema/schema.ts'
import type { RecordsPlan } from './query-plan.ts'
import type { QueryRunner, RecordNumbers } from './query-runner.ts'
import { type RenderScope, renderRecord } from './render-record.ts'
import type { Reader } from './render-value.ts'

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
  const render: RenderScope = {
    schema: scope.schema,
    reader: scope.reader,
    version: scope.version,
    children,
  }

  for (const row of [...scope.runner.rows(plan, slice)]) {
    if (room <= 0) return { records, covered: Number(row.at(-1)) }
    records.push(renderRecord(plan.shape, row, render))
    room -= 1
  }
  return { records, covered: slice.length }
}
