import type { Cell } from '../../contracts/bulk-job.ts'
import type { ColumnRegistry } from './column-registry.ts'
import { type InputIssue, inputIssue } from './input-issue.ts'
import { MOST_RECORD_CHARACTERS, type ReadRow } from './read-row.ts'

/** Metadata that Salesforce's own clients carry along in a record. */
const ATTRIBUTES = 'attributes'

/**
 * Makes a row of one JSON record. `null` and `""` clear a field, a key that is not there leaves it alone,
 * and an object one level deep names a record by relationship: `{"Owner": {"Email": "…"}}` is `Owner.Email`.
 * Issues are added to `issues`; null where there were any.
 */
export function recordToRow(
  record: unknown,
  place: { readonly rowNumber: number; readonly line: number | null },
  registry: ColumnRegistry,
  issues: InputIssue[],
): ReadRow | null {
  if (!isObject(record)) {
    const message = 'A record must be a JSON object with field names as keys.'
    issues.push(inputIssue('record_not_object', message, place))
    return null
  }
  const names: string[] = []
  const cells: Cell[] = []
  const before = issues.length
  let characters = 0

  function add(name: string, value: unknown): void {
    const cell = cellOf(value)
    if (cell === undefined) {
      const message = `${name} holds ${Array.isArray(value) ? 'an array' : 'a nested object'}; a field takes text, a number, true, false or null.`
      issues.push(inputIssue('value_not_scalar', message, { ...place, field: name }))
    } else if (cell.includes('\u0000') || !cell.isWellFormed()) {
      const message = `${name} holds a character that Salesforce cannot store (NUL, or half of a surrogate pair).`
      issues.push(inputIssue('invalid_character', message, { ...place, field: name }))
    } else {
      names.push(name)
      cells.push(cell)
      characters += cell.length
    }
  }

  for (const name of Object.keys(record)) {
    const value = record[name]
    if (!isObject(value)) add(name, value)
    else if (name !== ATTRIBUTES) {
      for (const inner of Object.keys(value)) {
        if (inner !== ATTRIBUTES) add(`${name}.${inner}`, value[inner])
      }
    }
  }
  if (characters > MOST_RECORD_CHARACTERS) {
    const message = `The record has ${characters} characters; one may have ${MOST_RECORD_CHARACTERS}.`
    issues.push(inputIssue('record_too_large', message, place))
  }
  if (issues.length > before) return null
  return { ...place, columns: registry.shape(names), cells }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined for what is no scalar. */
function cellOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return value === null ? '' : undefined
  }
}
