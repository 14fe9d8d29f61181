/** What can be wrong with a query. Stable: callers match on them. */
export const SOQL_ERROR_CODES = [
  'query_syntax',
  'query_not_supported',
  'query_too_long',
  'query_too_complex',
  'query_unknown_object',
  'query_unknown_field',
  'query_field_not_usable',
  'query_wrong_type',
] as const
export type SoqlErrorCode = (typeof SOQL_ERROR_CODES)[number]

/** The part of a request that a fault is in. */
export type SoqlSource = 'where_clause' | 'soql' | 'fields' | 'order_by' | 'object' | 'limit'

export interface SoqlErrorFacts {
  /** 0-based character of the source's text; null where it has none, as a list of fields. */
  readonly position?: number | null
  readonly source?: SoqlSource | null
  readonly expected?: string | null
  /** The name that was most likely meant. */
  readonly nearest?: string | null
}

/** A query that is not sent. Its message repeats names of the caller's text and no literal. */
export class SoqlError extends Error {
  override readonly name = 'SoqlError'
  readonly code: SoqlErrorCode
  readonly source: SoqlSource | null
  readonly position: number | null
  readonly expected: string | null
  readonly nearest: string | null

  constructor(code: SoqlErrorCode, message: string, facts: SoqlErrorFacts = {}) {
    super(message)
    this.code = code
    this.source = facts.source ?? null
    this.position = facts.position ?? null
    this.expected = facts.expected ?? null
    this.nearest = facts.nearest ?? null
  }

  /** The same fault, in the part that is named unless it says one itself. */
  in(source: SoqlSource): SoqlError {
    if (this.source !== null) return this
    const { position, expected, nearest } = this
    return new SoqlError(this.code, this.message, { position, expected, nearest, source })
  }
}

/** Gives `work` the source of the faults that it throws. */
export function inSource<T>(source: SoqlSource, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof SoqlError ? error.in(source) : error
  }
}
