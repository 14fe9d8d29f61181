import { makeId, recordNumber } from '../ids.ts'
import { type FieldDefinition, isCustom, type ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'

/** A saved list of an object's records: which ones, and in which columns. */
export interface ListView {
  readonly id: string
  readonly object: ObjectDefinition
  readonly developerName: string
  readonly label: string
  /** Whose records; `null` for everybody's. */
  readonly scope: 'mine' | null
  readonly columns: readonly ListColumn[]
  /** The SOQL that finds the records, in the order of the columns. */
  readonly query: string
}

export interface ListColumn {
  readonly field: FieldDefinition
  /** Columns that a program needs and a person does not. */
  readonly hidden: boolean
}

const PREFIX = '00B'
/** Places for the views of one object: objects are never taken away, so its place is a number. */
const VIEWS = 10
/** Fields beside the name that a list shows, as far as the object has them. */
const SHOWN = [
  'Company',
  'Title',
  'BillingState',
  'Phone',
  'Email',
  'Type',
  'Status',
  'StageName',
  'Amount',
  'CloseDate',
]
const HIDDEN = ['Id', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp']

/** The list views that every object has by itself. No view can be added here. */
export function listViewsOf(schema: Schema, object: ObjectDefinition): ListView[] {
  const name = object.fields.find(({ nameField }) => nameField)
  if (name === undefined || !object.createable) return []
  const plural = object.labelPlural
  const word = isCustom(object.name) ? '' : plural.replace(/\W/g, '')
  const base = { object, columns: columnsOf(object, name) }
  const all = { ...base, developerName: `All${word}`, label: `All ${plural}`, scope: null }
  const mine = {
    ...base,
    developerName: `My${word}`,
    label: `My ${plural}`,
    scope: 'mine',
  } as const
  const isOwned = object.fields.some((field) => field.name === 'OwnerId')
  const place = schema.objects.findIndex((known) => known.name === object.name)
  return (isOwned ? [all, mine] : [all]).map((view, n) => ({
    ...view,
    id: makeId(PREFIX, place * VIEWS + n + 1),
    query: queryOf(view.object, view.columns, view.scope, name),
  }))
}

/** The view of an id, whichever object it lists; `null` for any other id. */
export function listViewById(schema: Schema, id: string): ListView | null {
  const number = id.startsWith(PREFIX) ? recordNumber(id) : null
  const object = number === null ? undefined : schema.objects[Math.floor((number - 1) / VIEWS)]
  if (object === undefined) return null
  return listViewsOf(schema, object).find((view) => view.id === id) ?? null
}

function columnsOf(object: ObjectDefinition, name: FieldDefinition): ListColumn[] {
  const named = (names: readonly string[], hidden: boolean): ListColumn[] =>
    names.flatMap((wanted) =>
      object.fields
        .filter((field) => field.name === wanted && field !== name)
        .map((field) => ({ field, hidden })),
    )
  return [{ field: name, hidden: false }, ...named(SHOWN, false), ...named(HIDDEN, true)]
}

function queryOf(
  object: ObjectDefinition,
  columns: readonly ListColumn[],
  scope: ListView['scope'],
  name: FieldDefinition,
): string {
  const using = scope === null ? '' : ` USING SCOPE ${scope}`
  const order = [name.name, 'Id'].map((field) => `${field} ASC NULLS FIRST`).join(', ')
  return `SELECT ${columns.map(selectItem).join(', ')} FROM ${object.name}${using} ORDER BY ${order}`
}

/** What a column selects: picklists by the label that a person reads. */
export function selectItem({ field }: ListColumn): string {
  return field.type === 'picklist' ? `toLabel(${field.name})` : field.name
}
