import type { SystemFields } from './data/rows.ts'
import type { Fixture } from './fixture.ts'

/** What a query has to answer. */
export type Expectation =
  /** `ordered` where ORDER BY fixes the order; otherwise any order will do. */
  | { readonly kind: 'records'; readonly ordered: boolean; readonly records: readonly unknown[] }
  | { readonly kind: 'count'; readonly count: number }
  /**
   * The code as documented; a pattern where the documents name none. `accepted` is a query that
   * differs in what is refused alone: it has to work, so that the refusal is not for another reason.
   */
  | {
      readonly kind: 'refused'
      readonly code: string | RegExp
      readonly message: RegExp
      readonly accepted: string | null
    }

/** A query and its answer, which is worked out from the fixture by plain code. */
export interface SoqlCase {
  readonly name: string
  /** A function where the text needs an id of the fixture. */
  readonly soql: string | ((data: Fixture) => string)
  /** Asked of `queryAll`, which shows deleted records too. */
  readonly all?: boolean
  /** Set where no record is the right answer; otherwise an empty one is a defect of the case. */
  readonly empty?: boolean
  readonly expected: (data: Fixture) => Expectation
}

export const inOrder = (records: readonly unknown[]): Expectation => ({
  kind: 'records',
  ordered: true,
  records,
})

export const anyOrder = (records: readonly unknown[]): Expectation => ({
  kind: 'records',
  ordered: false,
  records,
})

export const countOf = (rows: readonly unknown[]): Expectation => ({
  kind: 'count',
  count: rows.length,
})

/** A query that has to be refused; it is its own name. */
export function refusal(
  soql: string,
  code: string | RegExp,
  message: RegExp,
  accepted: string | null = null,
): SoqlCase {
  return { name: soql, soql, expected: () => ({ kind: 'refused', code, message, accepted }) }
}

/** A record as REST shows it: `attributes`, then the fields that were asked for. */
export function record<R extends SystemFields>(
  object: string,
  row: R,
  fields: readonly (keyof R)[],
  others: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const url = `/services/data/v67.0/sobjects/${object}/${row.Id}`
  const values = fields.map((field) => [field, shown(row[field])])
  return { attributes: { type: object, url }, ...Object.fromEntries(values), ...others }
}

/** A row of an aggregate query. */
export const aggregate = (values: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  attributes: { type: 'AggregateResult' },
  ...values,
})

/** The answer of a child subquery: null where there are no children. */
export const children = (records: readonly unknown[]): unknown =>
  records.length === 0 ? null : { totalSize: records.length, done: true, records }

/** Instants end in `+0000` in REST. */
function shown(value: unknown): unknown {
  const isInstant = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)
  return isInstant ? value.replace(/Z$/, '+0000') : value
}
