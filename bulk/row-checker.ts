import type { BulkOperation, Cell } from '../contracts/bulk-job.ts'
import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import type { RowChecker, RowCheckSubject, RowIssue, RowIssueCode } from '../contracts/row-check.ts'
import { columnFields, columnIndex } from './column-fields.ts'
import { nearestName } from './nearest-name.ts'
import { canonicalId } from './salesforce-id.ts'
import { CLEARING_VALUE, trimBlanks } from './wire-value.ts'
import { isAllowed, isDeletion, isWritable } from './write-access.ts'

const OBJECT_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** `Owner.Email`, or `Lead:Who.Email` where the relationship leads to several objects (datafiles_csv_rel_field_header_row). */
const RELATIONSHIP_COLUMN = /^(?:[A-Za-z]\w*:)?([A-Za-z]\w*)\.([A-Za-z]\w*)$/

/** Types whose describe length bounds the characters of a value. */
const BOUNDED_TYPES = new Set(['string', 'textarea', 'email', 'phone', 'url', 'combobox'])

/**
 * Finds what Salesforce would surely refuse, before anything is sent. Missing required fields and picklist values
 * are left to Salesforce: it reports them row by row, and triggers or defaults may fill them.
 */
export function createRowChecker(subject: RowCheckSubject): RowChecker {
  const { operation } = subject
  const keyColumn = keyColumnOf(subject)
  let latest: ColumnPlan | null = null

  function planOf(columns: readonly string[]): ColumnPlan {
    if (latest === null || latest.columns !== columns) latest = planColumns(subject, columns)
    return latest
  }

  return {
    checkColumns(columns) {
      const issues = duplicateColumns(columns)
      if (!isDeletion(operation)) issues.push(...unusableColumns(subject, columns))
      if (keyColumn !== null && columnIndex(columns, keyColumn) < 0) {
        issues.push(missingKey(operation, keyColumn, null))
      }
      return issues
    },

    checkRow(columns, rowNumber, cells) {
      const plan = planOf(columns)
      const issues: RowIssue[] = []
      if (cells.every((cell) => cell === null)) {
        issues.push(issue('empty_row', rowNumber, null, 'The row holds no value.'))
        return issues
      }
      if (plan.keyPlace >= 0 && keyColumn !== null) {
        checkKey(operation, keyColumn, rowNumber, cells[plan.keyPlace] ?? null, issues)
      }
      if (!isDeletion(operation)) checkCells(plan, rowNumber, cells, issues)
      return issues
    },
  }
}

/** What is wrong with the job itself, whatever its rows are. */
export function subjectIssues(subject: RowCheckSubject): RowIssue[] {
  const { operation, objectType, externalIdField, correlationField, describe } = subject
  if (!OBJECT_NAME.test(objectType)) {
    return [issue('unknown_object', null, null, 'The object type is not a name of an object.')]
  }
  const issues: RowIssue[] = []
  if (describe !== null && !isAllowed(operation, describe)) {
    const message = `${describe.name} does not allow the operation ${operation} for this connection.`
    issues.push(issue('operation_not_allowed', null, null, message))
  }
  if (operation === 'upsert') {
    if (externalIdField === null || externalIdField.trim() === '') {
      const message = 'An upsert needs the name of the external id field that finds its records.'
      issues.push(issue('missing_external_id_field', null, null, message))
    } else if (describe !== null) {
      issues.push(...externalIdIssues(describe, externalIdField))
    }
  }
  if (correlationField !== null && describe !== null) {
    const field = fieldCalled(describe, correlationField)
    if (field === null) issues.push(unknownField(describe, correlationField))
    else if (!isWritable(operation, field)) issues.push(notWritable(operation, field.name))
  }
  return issues
}

interface BoundedColumn {
  readonly place: number
  readonly name: string
  readonly length: number
}

interface ColumnPlan {
  readonly columns: readonly string[]
  readonly keyPlace: number
  readonly bounded: readonly BoundedColumn[]
}

function planColumns(subject: RowCheckSubject, columns: readonly string[]): ColumnPlan {
  const keyColumn = keyColumnOf(subject)
  const bounded: BoundedColumn[] = []
  for (const [place, field] of columnFields(subject.describe, columns).entries()) {
    if (field !== null && field.length > 0 && BOUNDED_TYPES.has(field.type)) {
      bounded.push({ place, name: field.name, length: field.length })
    }
  }
  return { columns, bounded, keyPlace: keyColumn === null ? -1 : columnIndex(columns, keyColumn) }
}

function keyColumnOf(subject: RowCheckSubject): string | null {
  switch (subject.operation) {
    case 'update':
    case 'delete':
    case 'hard_delete':
      return 'Id'
    case 'upsert':
      return subject.externalIdField
    case 'insert':
      return null
  }
}

function checkKey(
  operation: BulkOperation,
  keyColumn: string,
  rowNumber: number,
  cell: Cell,
  issues: RowIssue[],
): void {
  const key = cell === null ? '' : trimBlanks(cell)
  if (key === '') issues.push(missingKey(operation, keyColumn, rowNumber))
  else if (keyColumn.toLowerCase() === 'id' && canonicalId(key) === null) {
    const message = 'The Id is not a Salesforce id of 15 or 18 characters.'
    issues.push(issue('invalid_id', rowNumber, 'Id', message))
  }
}

function checkCells(
  plan: ColumnPlan,
  rowNumber: number,
  cells: readonly Cell[],
  issues: RowIssue[],
): void {
  for (let place = 0; place < cells.length; place++) {
    const cell = cells[place]
    if (cell?.includes(CLEARING_VALUE) && trimBlanks(cell) === CLEARING_VALUE) {
      const message =
        'The text #N/A clears a field in Bulk API, so it cannot be stored. Send null to clear the field.'
      issues.push(issue('reserved_value', rowNumber, plan.columns[place] ?? null, message))
    }
  }
  for (const { place, name, length } of plan.bounded) {
    const cell = cells[place]
    if (cell === undefined || cell === null || cell.length <= length) continue
    const stored = storedLength(cell)
    if (stored <= length) continue
    const message = `The value has ${stored} characters; ${name} takes ${length}.`
    issues.push(issue('field_too_long', rowNumber, name, message))
  }
}

/** The fewest characters that Salesforce can count, so that only what is surely too long is refused. */
function storedLength(value: string): number {
  let count = 0
  for (const _character of trimBlanks(value).replaceAll('\r\n', '\n')) count++
  return count
}

function duplicateColumns(columns: readonly string[]): RowIssue[] {
  const seen = new Set<string>()
  const issues: RowIssue[] = []
  for (const column of columns) {
    const name = column.trim().toLowerCase()
    if (seen.has(name)) {
      const message = `The column ${column} is given more than once; case does not count.`
      issues.push(issue('duplicate_column', null, column, message))
    }
    seen.add(name)
  }
  return issues
}

function unusableColumns(subject: RowCheckSubject, columns: readonly string[]): RowIssue[] {
  const { describe, operation } = subject
  const keyColumn = keyColumnOf(subject)?.trim().toLowerCase()
  const issues: RowIssue[] = []
  for (const column of columns) {
    if (column.trim() === '') {
      issues.push(issue('unknown_field', null, column, 'A column has no name.'))
      continue
    }
    if (describe === null || column.trim().toLowerCase() === keyColumn) continue
    const relationship = RELATIONSHIP_COLUMN.exec(column.trim())?.[1]
    const field =
      relationship === undefined
        ? fieldCalled(describe, column)
        : fieldOfRelationship(describe, relationship)
    if (field !== null) {
      if (!isWritable(operation, field)) issues.push(notWritable(operation, column))
    } else if (relationship === undefined) issues.push(unknownField(describe, column))
    else issues.push(unknownRelationship(describe, column, relationship))
  }
  return issues
}

function externalIdIssues(describe: ObjectDescribe, externalIdField: string): RowIssue[] {
  const field = fieldCalled(describe, externalIdField)
  if (field === null) return [unknownField(describe, externalIdField)]
  if (field.externalId || field.idLookup || field.type === 'id') return []
  const usable = describe.fields.filter((each) => each.externalId || each.idLookup)
  const choice = usable.map((each) => each.name).join(', ')
  const message = `${field.name} is no external id of ${describe.name}. Usable: ${choice || 'none'}.`
  return [issue('not_an_external_id', null, field.name, message)]
}

function fieldCalled(describe: ObjectDescribe, name: string): FieldDescribe | null {
  const wanted = name.trim().toLowerCase()
  return describe.fields.find((field) => field.name.toLowerCase() === wanted) ?? null
}

function fieldOfRelationship(describe: ObjectDescribe, relationship: string): FieldDescribe | null {
  const wanted = relationship.toLowerCase()
  return describe.fields.find((field) => field.relationshipName?.toLowerCase() === wanted) ?? null
}

function unknownField(describe: ObjectDescribe, name: string): RowIssue {
  const nearest = nearestName(
    name.trim(),
    describe.fields.map((field) => field.name),
  )
  const message = `${describe.name} has no field ${name}.${suggestion(nearest)}`
  return issue('unknown_field', null, name, message)
}

function unknownRelationship(
  describe: ObjectDescribe,
  column: string,
  relationship: string,
): RowIssue {
  const names = describe.fields.flatMap((field) => field.relationshipName ?? [])
  const nearest = nearestName(relationship, names)
  const better = nearest === null ? null : column.trim().replace(relationship, nearest)
  const message = `${describe.name} has no relationship ${relationship}.${suggestion(better)}`
  return issue('unknown_field', null, column, message)
}

function suggestion(name: string | null): string {
  return name === null ? '' : ` Did you mean ${name}?`
}

function notWritable(operation: BulkOperation, column: string): RowIssue {
  const message = `${column} cannot be written by the operation ${operation}: it is read-only for this connection.`
  return issue('field_not_writable', null, column, message)
}

function missingKey(
  operation: BulkOperation,
  keyColumn: string,
  rowNumber: number | null,
): RowIssue {
  const where = rowNumber === null ? `There is no column ${keyColumn}` : `${keyColumn} is blank`
  if (operation === 'upsert') {
    const message = `${where}; an upsert finds its records by it.`
    return issue('missing_external_id', rowNumber, keyColumn, message)
  }
  const message = `${where}; the operation ${operation} needs the Id of each record.`
  return issue('missing_id', rowNumber, keyColumn, message)
}

function issue(
  code: RowIssueCode,
  rowNumber: number | null,
  field: string | null,
  message: string,
): RowIssue {
  return { code, rowNumber, field, message }
}
