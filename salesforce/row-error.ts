/** Why Salesforce refused one row of a bulk job. */
export interface RowError {
  /** Salesforce's code, or `unreadable_error` where the text has none. */
  readonly code: string
  readonly message: string
  readonly fields: readonly string[]
  /** True where the same row may succeed when sent again and this text says that nothing of it was written. */
  readonly transient: boolean
}

/**
 * Codes that end a row's save before or by rolling it back, for a cause that passes.
 * `UNKNOWN_EXCEPTION` is not among them: its documentation promises no rollback.
 */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  // The lock on the row or its parent was not got within about ten seconds; the save never began.
  'UNABLE_TO_LOCK_ROW',
  // Bulk API gave a batch up after too many of these locks.
  'TooManyLockFailure',
  // A server that the save needs did not answer; the row's transaction does not commit without it.
  'SERVER_UNAVAILABLE',
  // A query inside the save ran out of time; the save is undone with it.
  'QUERY_TIMEOUT',
  // The transaction was ended for its length, and so undone.
  'REQUEST_RUNNING_TOO_LONG',
  // Undone because of other rows; this one had no fault.
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
])

const UPPER_CODE = /^([A-Z][A-Z0-9_]{2,})\s*:\s?([\s\S]*)$/
// Faults of a whole batch are worded `InvalidBatch : Field name not found : F`.
const BATCH_CODE =
  /^((?:Client|Exceeded|Feature|Invalid|Timeout|TooMany)[A-Za-z]*)\s*:\s?([\s\S]*)$/
const FIELD_LIST = /^[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_][\w.]*)*$/

/**
 * Parses the `sf__Error` column: `CODE:message:Field1,Field2 --`, where the message may hold colons and
 * line ends and the list of fields may be empty (`CODE:message:--`). A text in no known form is kept
 * whole as the message.
 */
export function parseRowError(text: string): RowError {
  const trimmed = text.trim()
  const match = UPPER_CODE.exec(trimmed) ?? BATCH_CODE.exec(trimmed)
  if (!match) return { code: 'unreadable_error', message: trimmed, fields: [], transient: false }
  const [, code = '', rest = ''] = match
  const { message, fields } = splitFields(rest)
  return { code, message, fields, transient: isTransient(code, message) }
}

function splitFields(rest: string): { message: string; fields: string[] } {
  if (!rest.endsWith('--')) return { message: rest.trim(), fields: [] }
  const body = rest.slice(0, -2).trimEnd()
  const colon = body.lastIndexOf(':')
  if (colon < 0) return { message: body.trim(), fields: [] }
  const list = body.slice(colon + 1).trim()
  const before = body.slice(0, colon).trim()
  if (list === '') return { message: before, fields: [] }
  // The last colon may belong to the message, as in `…record with id: 001… --`.
  if (!FIELD_LIST.test(list)) return { message: body.trim(), fields: [] }
  return { message: before, fields: list.split(',').map((field) => field.trim()) }
}

function isTransient(code: string, message: string): boolean {
  if (TRANSIENT_CODES.has(code)) return true
  // A trigger that ran into a lock: the row's save is undone together with the trigger's work.
  return code === 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' && message.includes('UNABLE_TO_LOCK_ROW')
}
