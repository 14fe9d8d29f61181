/** A parsed SOQL statement: names are as written, nothing is checked against the schema. */
export interface Statement {
  readonly select: readonly SelectItem[]
  readonly from: FromItem
  /** Further names for parents, as in `FROM Contact c, c.Account a`. */
  readonly joined: readonly FromItem[]
  readonly scope: { readonly name: string; readonly at: number } | null
  readonly where: Condition | null
  readonly groupBy: GroupBy | null
  readonly having: Condition | null
  readonly orderBy: readonly Ordering[]
  readonly limit: number | null
  readonly offset: number | null
  readonly allRows: boolean
  readonly forUpdate: boolean
  /** FOR VIEW or FOR REFERENCE: the user has looked at the records. */
  readonly isView: boolean
}

export interface FromItem {
  /** The object's name, or a path: `Account.Contacts`. */
  readonly name: string
  readonly alias: string | null
  readonly at: number
}

export type SelectItem =
  | {
      readonly kind: 'expression'
      readonly expression: Expression
      readonly alias: string | null
      readonly at: number
    }
  | { readonly kind: 'fields'; readonly group: 'ALL' | 'STANDARD' | 'CUSTOM'; readonly at: number }
  | { readonly kind: 'children'; readonly statement: Statement; readonly at: number }
  | {
      readonly kind: 'typeof'
      readonly relationship: string
      readonly branches: readonly TypeBranch[]
      readonly otherwise: readonly FieldReference[]
      readonly at: number
    }

export interface TypeBranch {
  readonly object: string
  readonly fields: readonly FieldReference[]
  readonly at: number
}

/** A field, perhaps by way of parents: `Account.Owner.Name`. */
export interface FieldReference {
  readonly kind: 'field'
  readonly path: string
  readonly at: number
}

export interface FunctionCall {
  readonly kind: 'call'
  /** In upper case. */
  readonly name: string
  /** `null` for `COUNT()`. */
  readonly argument: Expression | null
  /** As written, for messages and headers. */
  readonly text: string
  readonly at: number
}

export type Expression = FieldReference | FunctionCall

export interface GroupBy {
  readonly form: 'plain' | 'rollup' | 'cube'
  readonly expressions: readonly Expression[]
}

export interface Ordering {
  readonly expression: Expression
  readonly descending: boolean
  readonly nullsLast: boolean
}

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>='

/** A literal: strings are kept apart from dates and numbers, which are written without quotes. */
export type Literal = { readonly at: number } & (
  | { readonly kind: 'string'; readonly value: string; readonly pattern: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'date' | 'datetime' | 'time'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  /** `LAST_N_DAYS:5`; `count` is `null` where the name takes none. */
  | { readonly kind: 'period'; readonly name: string; readonly count: number | null }
)

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare'
      readonly left: Expression
      readonly operator: Operator
      readonly value: Literal
    }
  | { readonly kind: 'like'; readonly left: Expression; readonly value: Literal }
  | {
      readonly kind: 'in'
      readonly left: Expression
      readonly negated: boolean
      readonly values: readonly Literal[]
    }
  | {
      readonly kind: 'includes'
      readonly left: Expression
      readonly negated: boolean
      readonly values: readonly Literal[]
    }
  | {
      readonly kind: 'semijoin'
      readonly left: Expression
      readonly negated: boolean
      readonly statement: Statement
      readonly at: number
    }
