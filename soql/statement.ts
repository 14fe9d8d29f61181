/** A query as a tree. What is not here cannot be said, so it cannot be sent. */
export interface Statement {
  readonly object: string
  readonly fields: readonly FieldPath[]
  readonly where: Condition | null
  readonly orderBy: readonly Ordering[]
  readonly limit: number | null
  readonly offset: number | null
}

/** A field, perhaps by way of parents: `['Account', 'Owner', 'Name']`. */
export interface FieldPath {
  readonly path: readonly string[]
  /** 0-based place in the text that it comes from; null where it comes from a list. */
  readonly at: number | null
}

/** A field, or a function of a date. */
export interface Operand extends FieldPath {
  readonly call: DateFunction | null
}

/** Functions of a date or dateTime; all but DAY_ONLY give a number. */
export const DATE_FUNCTIONS = [
  'CALENDAR_MONTH',
  'CALENDAR_QUARTER',
  'CALENDAR_YEAR',
  'DAY_IN_MONTH',
  'DAY_IN_WEEK',
  'DAY_IN_YEAR',
  'DAY_ONLY',
  'FISCAL_MONTH',
  'FISCAL_QUARTER',
  'FISCAL_YEAR',
  'HOUR_IN_DAY',
  'WEEK_IN_MONTH',
  'WEEK_IN_YEAR',
] as const
export type DateFunction = (typeof DATE_FUNCTIONS)[number]

export interface Ordering {
  readonly field: FieldPath
  readonly descending: boolean
  /** Null leaves it to Salesforce, which puts them first. */
  readonly nulls: 'first' | 'last' | null
}

export type ComparisonOperator = '=' | '!=' | '<' | '>' | '<=' | '>='

export type Literal = { readonly at: number } & (
  | {
      readonly kind: 'string'
      readonly value: string
      /** The value as a LIKE pattern: a backslash before each `%`, `_` and backslash that is meant as itself. */
      readonly pattern: string
    }
  /** Digits as text: none is lost on the way. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  /** `2026-11-26` */
  | { readonly kind: 'date'; readonly text: string }
  /** In UTC, to the millisecond: `2026-11-26T08:00:00.000Z` */
  | { readonly kind: 'datetime'; readonly text: string }
  /** `08:00:00.000Z` */
  | { readonly kind: 'time'; readonly text: string }
  /** `LAST_N_DAYS:5`; `count` is null where the name takes none. */
  | { readonly kind: 'period'; readonly name: string; readonly count: number | null }
)
export type LiteralKind = Literal['kind']

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | Comparison

export type Comparison =
  | {
      readonly kind: 'compare'
      readonly left: Operand
      readonly operator: ComparisonOperator
      readonly value: Literal
    }
  | { readonly kind: 'like'; readonly left: Operand; readonly value: Literal }
  | {
      readonly kind: 'in' | 'includes'
      readonly left: Operand
      readonly negated: boolean
      readonly values: readonly Literal[]
    }
