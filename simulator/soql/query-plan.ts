import type { SQLInputValue } from 'node:sqlite'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Value } from './value.ts'

/** A statement checked against the schema, with the SQL that answers it. */
export type QueryPlan = CountPlan | RecordsPlan | AggregatePlan

export interface Sql {
  readonly text: string
  readonly parameters: Readonly<Record<string, SQLInputValue>>
}

/** `SELECT COUNT()`: one row with one number. */
export interface CountPlan {
  readonly kind: 'count'
  readonly object: ObjectDefinition
  readonly sql: Sql
}

/** Records: first their numbers in order, then their values by numbers, a page at a time. */
export interface RecordsPlan {
  readonly kind: 'records'
  readonly object: ObjectDefinition
  /** One column, the number. A child query also takes `$parent`, the parent's id. */
  readonly numbers: Sql
  /** Takes `$numbers`, a JSON array; a row for each record that is there, in the order of the array. */
  readonly rows: Sql
  readonly shape: Shape
  /** The selected values in the order of the statement. */
  readonly cells: readonly Cell[]
}

/** Groups of records, or one group of all. */
export interface AggregatePlan {
  readonly kind: 'aggregate'
  readonly object: ObjectDefinition
  readonly grouped: boolean
  /** A row for each group, a column for each cell. */
  readonly sql: Sql
  readonly cells: readonly Cell[]
}

/** A selected value and the column of the SQL's result that holds it. */
export interface Cell {
  /** The name in the answer: the field's, or the alias. */
  readonly key: string
  /** As a CSV header: with the parents before it. */
  readonly header: string
  readonly value: Value
  readonly column: number
  /** The function that is left to do when the value is shown. */
  readonly format: 'number' | 'currency' | 'percent' | 'date' | 'datetime' | 'text' | null
  /** The function of an aggregate, as it was written; `null` for other values. */
  readonly aggregate: string | null
}

/** How a row becomes a record of the answer. */
export interface Shape {
  /** The type in its attributes; `null` where the id tells it. */
  readonly type: string | null
  readonly id: Pick<Cell, 'value' | 'column'>
  readonly members: readonly Member[]
}

export type Member =
  | { readonly kind: 'value'; readonly key: string; readonly cell: Cell }
  | { readonly kind: 'address'; readonly key: string; readonly parts: readonly AddressPart[] }
  | {
      readonly kind: 'parent'
      readonly key: string
      readonly lookup: FieldDefinition
      readonly shape: Shape
    }
  | {
      readonly kind: 'typeof'
      readonly key: string
      readonly lookup: FieldDefinition
      /** By the key prefix of the id. */
      readonly branches: ReadonlyMap<string, Shape>
      readonly otherwise: Shape | null
      readonly id: Pick<Cell, 'value' | 'column'>
    }
  | { readonly kind: 'children'; readonly key: string; readonly plan: RecordsPlan }

export interface AddressPart {
  /** As the answer names it: `postalCode`. */
  readonly name: string
  readonly column: number
}
