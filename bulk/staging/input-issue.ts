import type { RowIssueCode } from '../../contracts/row-check.ts'

/** Codes of input that cannot be read as rows. Stable: callers match on them. */
export const INPUT_ISSUE_CODES = [
  'invalid_json',
  'invalid_csv',
  'invalid_utf8',
  'invalid_character',
  'invalid_header',
  'ragged_row',
  'record_not_object',
  'record_too_large',
  'too_many_columns',
  'body_incomplete',
  'row_not_retryable',
] as const
export type InputIssueCode = (typeof INPUT_ISSUE_CODES)[number]

/** One thing wrong with the input, in the caller's terms. */
export interface InputIssue {
  readonly code: InputIssueCode | RowIssueCode
  /** From 1; null where no single row is at fault. */
  readonly rowNumber: number | null
  /** Line of the text, from 1; null where the body has no lines of its own. */
  readonly line: number | null
  readonly field: string | null
  /** One sentence that says what is wrong and how to mend it. Holds no value of the record. */
  readonly message: string
}

/** Input after which nothing more can be read: what follows has no meaning of its own. */
export class UnreadableInputError extends Error {
  override readonly name = 'UnreadableInputError'
  readonly issue: InputIssue

  constructor(issue: InputIssue, options?: ErrorOptions) {
    super(issue.message, options)
    this.issue = issue
  }
}

export function inputIssue(
  code: InputIssue['code'],
  message: string,
  where: { rowNumber?: number | null; line?: number | null; field?: string | null } = {},
): InputIssue {
  return {
    code,
    message,
    rowNumber: where.rowNumber ?? null,
    line: where.line ?? null,
    field: where.field ?? null,
  }
}
