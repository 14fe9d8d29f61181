/** A parsed SOQL statement: names are as written, nothing is checked against the schema. */
export interface Statement {
  readonly select: readonly string[] | 'count'
  readonly from: string
  readonly where: Condition | null
  readonly orderBy: readonly Ordering[]
  readonly limit: number | null
  readonly offset: number
}

export interface Ordering {
  readonly field: string
  readonly descending: boolean
  readonly nullsLast: boolean
}

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=' | 'like'

/** A literal: strings are kept apart from dates and numbers, which are written without quotes. */
export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'plain'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare'
      readonly field: string
      readonly operator: Operator
      readonly value: Literal
    }
  | {
      readonly kind: 'in'
      readonly field: string
      readonly negated: boolean
      readonly values: readonly Literal[]
    }
