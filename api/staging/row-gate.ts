import { columnFields, columnIndex } from '../../bulk/column-fields.ts'
import type { DuplicateKeyFinder } from '../../bulk/duplicate-keys.ts'
import { createRowChecker, subjectIssues } from '../../bulk/row-checker.ts'
import type { InputIssue } from '../../bulk/staging/input-issue.ts'
import type { ReadRow } from '../../bulk/staging/read-row.ts'
import { canonicalKey, trimBlanks, wireValue } from '../../bulk/wire-value.ts'
import type { BulkOperation } from '../../contracts/bulk-job.ts'
import type { FieldDescribe, ObjectDescribe } from '../../contracts/metadata.ts'
import type { RowCheckSubject, RowIssue } from '../../contracts/row-check.ts'

/** Faults that a newer describe may not have. */
const MENDED_BY_REFRESH: readonly RowIssue['code'][] = ['unknown_field', 'not_an_external_id']

const MOST_KEPT_SHAPES = 2_000

export interface RowGate {
  /** What is wrong with the job whatever its rows are. */
  subjectIssues(): Promise<InputIssue[]>
  /** Issues of the row's columns, found once per set of columns. */
  columnIssues(columns: readonly string[]): Promise<InputIssue[]> | null
  /** Issues of the row. Where there are none its cells now are as Salesforce stores them, and its key is noted. */
  pass(row: ReadRow): InputIssue[]
  /** To be awaited before the next row, where it is not null: the key of the last one is on its way to disk. */
  noting(): Promise<void> | null
  /** What the checks went by; null where nobody could say, and the job's first step checks instead. */
  describe(): ObjectDescribe | null
}

interface Shape {
  readonly fields: readonly (FieldDescribe | null)[]
  readonly keyPlace: number
}

/**
 * Lets rows through that Salesforce would not surely refuse. `refresh` gives a newer describe, at most once,
 * before a name is refused that may be new.
 */
export function createRowGate(
  target: Omit<RowCheckSubject, 'describe'>,
  initial: ObjectDescribe | null,
  keys: DuplicateKeyFinder,
  refresh: () => Promise<ObjectDescribe | null>,
): RowGate {
  let subject: RowCheckSubject = { ...target, describe: initial }
  let checker = createRowChecker(subject)
  let refreshed = initial === null
  let noting: Promise<void> | null = null
  let shapes = new Map<readonly string[], Shape>()
  const keyColumn = keyColumnOf(target.operation, target.externalIdField)

  async function afterRefresh(find: () => RowIssue[]): Promise<InputIssue[]> {
    let issues = find()
    if (!refreshed && issues.some(({ code }) => MENDED_BY_REFRESH.includes(code))) {
      refreshed = true
      subject = { ...target, describe: (await refresh()) ?? subject.describe }
      checker = createRowChecker(subject)
      shapes = new Map()
      issues = find()
    }
    return issues.map((issue) => ({ ...issue, line: null }))
  }

  function shapeOf(columns: readonly string[]): Shape {
    let shape = shapes.get(columns)
    if (shape === undefined) {
      // Rows of ever new shapes must not fill the memory; a shape met again is only checked again.
      if (shapes.size >= MOST_KEPT_SHAPES) shapes.clear()
      shape = {
        fields: columnFields(subject.describe, columns),
        keyPlace: keyColumn === null ? -1 : columnIndex(columns, keyColumn),
      }
      shapes.set(columns, shape)
    }
    return shape
  }

  return {
    subjectIssues: () => afterRefresh(() => subjectIssues(subject)),

    columnIssues(columns) {
      return shapes.has(columns)
        ? null
        : afterRefresh(() => checker.checkColumns(columns)).then((issues) => {
            shapeOf(columns)
            return issues
          })
    },

    pass(row) {
      const issues = checker.checkRow(row.columns, row.rowNumber, row.cells)
      if (issues.length > 0) return issues.map((issue) => ({ ...issue, line: row.line }))
      const { fields, keyPlace } = shapeOf(row.columns)
      const key = row.cells[keyPlace]
      const keyField = fields[keyPlace] ?? null
      for (let place = 0; place < row.cells.length; place++) {
        const cell = row.cells[place]
        const field = fields[place]
        if (typeof cell === 'string' && cell !== '' && field !== null && field !== undefined) {
          row.cells[place] = wireValue(cell, field)
        }
      }
      if (typeof key !== 'string') return []
      // Without the field's facts only the same text is surely the same key.
      const canonical = keyField === null ? trimBlanks(key) : canonicalKey(key, keyField)
      noting = keys.add(row.rowNumber, canonical) ?? null
      return []
    },

    noting: () => noting,

    describe: () => subject.describe,
  }
}

export function keyColumnOf(
  operation: BulkOperation,
  externalIdField: string | null,
): string | null {
  switch (operation) {
    case 'insert':
      return null
    case 'upsert':
      return externalIdField
    case 'update':
    case 'delete':
    case 'hard_delete':
      return 'Id'
  }
}
