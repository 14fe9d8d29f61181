/** Why a row was refused: code, message and fields as Salesforce reports them. */
export interface RowError {
  readonly code: string
  readonly message: string
  readonly fields: readonly string[]
  /** What a duplicate rule found; REST shows it beside the message. */
  readonly duplicate?: DuplicateMatch
}

/** The rule that objects to a record, and a record that it takes for the same. */
export interface DuplicateMatch {
  readonly rule: string
  readonly object: string
  readonly allowSave: boolean
  readonly message: string
  readonly id: string
}

export function rowError(code: string, message: string, ...fields: string[]): RowError {
  return { code, message, fields }
}

/** The text of `sf__Error`: `CODE:message:fields --`, without fields `CODE:message:--`. */
export function renderRowError(error: RowError): string {
  const fields = error.fields.length === 0 ? '' : `${error.fields.join(' ')} `
  return `${error.code}:${error.message}:${fields}--`
}
