import type { RowResult } from '../contracts/bulk-job.ts'
import type { OutcomeLine } from './tie-table.ts'

/** What Salesforce's text of a row's error says. */
export interface RowError {
  readonly code: string
  readonly message: string
  readonly fields: readonly string[]
  /** True where the same row may succeed later. */
  readonly transient: boolean
}

export interface VerdictInput {
  readonly parseError: (text: string) => RowError
  /** Whether unprocessed rows may go again by themselves. */
  readonly unprocessedRetryable: boolean
  /** Salesforce id of the upstream job. */
  readonly upstreamJobId: string
}

export type RowVerdicts = ReturnType<typeof createRowVerdicts>

/** Makes row results of the lines of result files. */
export function createRowVerdicts(input: VerdictInput) {
  const { upstreamJobId, unprocessedRetryable } = input
  const errors = new Map<string, RowError>()

  function errorOf(text: string): RowError {
    let error = errors.get(text)
    if (error === undefined) {
      error = input.parseError(text)
      errors.set(text, error)
    }
    return error
  }

  return {
    /** The result of the row that `line` is about. */
    of(rowNumber: number, line: OutcomeLine, mayRetry: boolean): RowResult {
      const error = line.outcome === 'failed' ? errorOf(line.error ?? '') : null
      return {
        rowNumber,
        outcome: line.outcome,
        salesforceId: line.salesforceId,
        created: line.outcome === 'success' ? line.created : false,
        errorCode: error?.code ?? null,
        errorMessage: error?.message ?? null,
        errorFields: error?.fields ?? NO_FIELDS,
        retryable:
          mayRetry &&
          (error?.transient ?? (line.outcome === 'unprocessed' && unprocessedRetryable)),
        upstreamJobId,
      }
    },

    /** What all rows of a group share whose lines have one outcome but cannot be told apart; `first` is that of one. */
    shared(lines: readonly OutcomeLine[], first: RowResult): RowResult {
      const shared: RowResult = { ...first, salesforceId: null }
      switch (first.outcome) {
        case 'success': {
          const isAgreed = lines.every((line) => line.created === first.created)
          const errorMessage =
            'Written; its Salesforce id cannot be told apart from those of similar rows.'
          return {
            ...shared,
            created: isAgreed ? first.created : null,
            errorCode: 'not_told_apart',
            errorMessage,
          }
        }
        case 'failed':
          return sharedFailure(
            shared,
            lines.map((line) => errorOf(line.error ?? '')),
          )
        case 'unprocessed':
        case 'unknown':
          return shared
      }
    },

    /** `isWithoutLine`: no line is left that could be that of the row. */
    unknown(rowNumber: number, isWithoutLine: boolean): RowResult {
      return {
        rowNumber,
        outcome: 'unknown',
        salesforceId: null,
        created: null,
        errorCode: isWithoutLine ? 'no_result' : 'not_tied',
        errorMessage: isWithoutLine
          ? 'Salesforce reported no result for the row.'
          : 'No reported result can be tied to the row with certainty.',
        errorFields: NO_FIELDS,
        retryable: false,
        upstreamJobId,
      }
    },
  }
}

/** One for all rows: most have no error. */
const NO_FIELDS: readonly string[] = []

function sharedFailure(shared: RowResult, errors: readonly RowError[]): RowResult {
  if (errors.every((error) => isSameError(error, errors[0]))) return shared
  const isSameCode = errors.every((error) => error.code === errors[0]?.code)
  return {
    ...shared,
    errorCode: isSameCode ? shared.errorCode : 'not_told_apart',
    errorMessage: `Failed for one of these reasons: ${distinctMessages(errors)}`,
    errorFields: [],
    retryable: shared.retryable && errors.every((error) => error.transient),
  }
}

function isSameError(left: RowError, right: RowError | undefined): boolean {
  return (
    left.code === right?.code &&
    left.message === right.message &&
    left.transient === right.transient
  )
}

/** At most three, so that a group of thousands does not make a message of megabytes. */
function distinctMessages(errors: readonly RowError[]): string {
  const messages = [...new Set(errors.map((error) => `${error.code}: ${error.message}`))]
  const shown = messages.slice(0, 3).join(' | ')
  return messages.length > 3 ? `${shown} | and ${messages.length - 3} more` : shown
}
