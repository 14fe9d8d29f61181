import type { SystemFields } from './data/rows.ts'
import type { Fixture } from './fixture.ts'

/** What a query has to answer. */
export type Expectation =
  /** `ordered` where ORDER BY fixes the order; otherwise any order will do. */
  | { readonly kind: 'records'; readonly ordered: boolean; readonly records: readonly unknown[] }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'refused'; readonly code: string; readonly message: RegExp }

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

export const refused = (code: string, message: RegExp): Expectation => ({
  kind: 'refused',
  code,
  message,
})

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
