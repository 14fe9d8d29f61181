import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import * as f from '../schema/field-builders.ts'
import type { Schema } from '../schema/schema.ts'
import { keyColumn, recordTable, valueExpression } from '../store/database.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { FieldReference, FromItem } from './statement.ts'
import { kindOf, type Value } from './value.ts'

/** A place in a path of parents: the object itself, or what a lookup leads to. */
export interface Place {
  /** One object; several where the lookup may lead to several. */
  readonly targets: readonly Target[]
  /** Whether the lookup may lead to several: only fields that most objects have can be read then. */
  readonly shared: boolean
  readonly level: number
  /** The way here from the object itself, lookups by their relationship names. */
  readonly path: string
  /** The lookup that leads here; `null` at the object itself. */
  readonly lookup: Value | null
}

export interface Target {
  readonly object: ObjectDefinition
  /** The name of its table in the SQL. */
  readonly alias: string
}

/** What a query reads from: an object's table, and those of parents as they are named. */
export interface Source {
  readonly object: ObjectDefinition
  readonly root: Place
  /** The parent that a relationship's name leads to. Throws SoqlError. */
  step(from: Place, name: string, at: number): Place
  /** Throws SoqlError when the place has no such field. */
  field(place: Place, name: string, at: number): Value
  /** Follows a whole path. */
  place(names: readonly string[], at: number): Place
  /** The names of a path without an object name or alias before it. */
  names(path: string): string[]
  value(reference: FieldReference): Value
  /** The joins that the paths so far need. */
  joins(): string
}

/** Parents above each other, and parents in all, that one query may name. */
const MOST_LEVELS = 5
const MOST_PARENTS = 55
/** SQLite joins 64 tables at most; one more lists the numbers of records. */
const MOST_TABLES = 62

/** Fields that can be read whatever a lookup with several objects leads to. */
const SHARED_FIELDS = new Set(
  'Id,Name,Type,FirstName,LastName,Email,Phone,Title,Alias,Username,IsActive'.split(','),
)

/** The FROM of a statement. */
export interface SourceNames {
  readonly from: FromItem
  readonly joined: readonly FromItem[]
}

/** `prefix` begins the names of its tables in the SQL: those of a subquery must be others. */
export function createSource(
  schema: Schema,
  object: ObjectDefinition,
  prefix: string,
  { from, joined }: SourceNames,
): Source {
  const rootAlias = `${prefix}0`
  const table: Target = { object, alias: rootAlias }
  const root: Place = { targets: [table], shared: false, level: 0, path: '', lookup: null }
  const places = new Map<string, Place>()
  const joins: string[] = []
  let tables = 1
  const own = new Set([object.name.toLowerCase()])
  if (from.alias !== null) own.add(from.alias.toLowerCase())
  const aliases = new Map<string, readonly string[]>()

  function names(path: string): string[] {
    const parts = path.split('.')
    const first = parts[0]?.toLowerCase() ?? ''
    const alias = aliases.get(first)
    if (alias !== undefined && parts.length > 1) return [...alias, ...parts.slice(1)]
    return parts.length > 1 && own.has(first) ? parts.slice(1) : parts
  }

  function unknownField(place: Place, name: string, at: number): SoqlError {
    const entity = place.shared ? 'Name' : (place.targets[0]?.object.name ?? '')
    return new SoqlError(
      'INVALID_FIELD',
      `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      at,
    )
  }

  function step(place: Place, name: string, at: number): Place {
    const [target] = place.targets
    const lookup =
      target === undefined || place.shared
        ? undefined
        : target.object.fields.find(
            (field) => field.relationshipName?.toLowerCase() === name.toLowerCase(),
          )
    const objects = (lookup?.referenceTo ?? []).flatMap((to) => schema.object(to) ?? [])
    if (target === undefined || lookup === undefined || objects.length === 0) {
      throw new SoqlError(
        'INVALID_FIELD',
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
        at,
      )
    }
    const path = `${place.path}${lookup.relationshipName}.`
    // Behind a lookup to several objects the same names may lead on from each of them.
    const key = `${target.alias}.${lookup.name}`
    const known = places.get(key)
    if (known !== undefined) return known
    if (place.level >= MOST_LEVELS) {
      throw malformed(
        'SOQL statements cannot query parent relationships more than 5 levels away from the root entity object.',
        at,
      )
    }
    const value = fieldValue(target, lookup, path.slice(0, -1))
    const targets = objects.map((parent, index) => {
      const alias = `${prefix}${joins.length + 1}_${index}`
      return { object: parent, alias }
    })
    joins.push(targets.map((parent) => joinSql(parent, value)).join(''))
    tables += targets.length
    if (joins.length > MOST_PARENTS || tables > MOST_TABLES) {
      throw new SoqlError('QUERY_TOO_COMPLICATED', 'Query is too complicated: too many parents')
    }
    const shared = lookup.referenceTo.length > 1
    const made: Place = { targets, shared, level: place.level + 1, path, lookup: value }
    places.set(key, made)
    return made
  }

  function field(place: Place, name: string, at: number): Value {
    const [target] = place.targets
    if (target === undefined) throw unknownField(place, name, at)
    if (place.shared) return sharedField(place, name, at)
    const found = schema.field(target.object, name)
    if (found !== null) return fieldValue(target, found, place.path + found.name)
    const isOwner = place.lookup?.field.name === 'OwnerId' && name.toLowerCase() === 'type'
    if (isOwner) return sharedField(place, name, at)
    throw unknownField(place, name, at)
  }

  /** A field of whichever object a lookup leads to. */
  function sharedField(place: Place, name: string, at: number): Value {
    const canonical = [...SHARED_FIELDS].find((known) => known.toLowerCase() === name.toLowerCase())
    const { lookup } = place
    if (canonical === undefined || lookup === null) throw unknownField(place, name, at)
    const shown = place.path + canonical
    if (canonical === 'Id') return { ...lookup, name: shown }
    if (canonical === 'Type') return typeValue(lookup, place.targets, shown)
    const values = place.targets.flatMap((target) => {
      const found =
        canonical === 'Name'
          ? target.object.fields.find((candidate) => candidate.nameField)
          : schema.field(target.object, canonical)
      return found === undefined || found === null ? [] : [fieldValue(target, found, shown)]
    })
    const [first] = values
    if (first === undefined) throw unknownField(place, name, at)
    const sql = `coalesce(${values.map((value) => value.sql).join(', ')}, NULL)`
    return {
      ...first,
      sql,
      key: null,
      field: { ...first.field, name: canonical, label: canonical },
    }
  }

  function place(path: readonly string[], at: number): Place {
    return path.reduce((from, name) => step(from, name, at), root)
  }

  for (const item of joined) {
    const path = names(item.name)
    place(path, item.at)
    aliases.set((item.alias ?? item.name).toLowerCase(), path)
  }

  return {
    object,
    root,
    step,
    field,
    place,
    names,
    value(reference) {
      const path = names(reference.path)
      const last = path.pop() ?? ''
      return field(place(path, reference.at), last, reference.at)
    },
    joins: () => joins.join(''),
  }
}

function joinSql({ object, alias }: Target, lookup: Value): string {
  const number =
    lookup.form === 'record number'
      ? lookup.sql
      : `soql_id_number('${object.keyPrefix}', ${lookup.sql})`
  return ` LEFT JOIN ${recordTable(object)} ${alias} ON ${alias}.n = ${number}`
}

/** The object that an id belongs to, by name. */
function typeValue(lookup: Value, targets: readonly Target[], name: string): Value {
  const plain =
    lookup.form === 'record number' ? `'${lookup.keyPrefix}'` : `substr(${lookup.sql}, 1, 3)`
  const cases = targets.map(({ object }) => `WHEN '${object.keyPrefix}' THEN '${object.name}'`)
  return {
    sql: `CASE ${plain} ${cases.join(' ')} END`,
    form: 'plain',
    keyPrefix: '',
    type: 'string',
    field: f.text('Type', 40),
    name,
    key: null,
  }
}

/** A field of one object's table. */
function fieldValue({ object, alias }: Target, field: FieldDefinition, name: string): Value {
  const value = { keyPrefix: '', type: field.type, field, name, key: null } as const
  switch (field.system) {
    case 'id':
      return { ...value, sql: `${alias}.n`, form: 'record number', keyPrefix: object.keyPrefix }
    case 'created':
    case 'modified':
      // System times are told, and so compared, in whole seconds.
      return { ...value, sql: `(${alias}.${field.system} / 1000 * 1000)`, form: 'milliseconds' }
    case 'deleted':
      return { ...value, sql: `${alias}.deleted`, form: 'plain' }
    case 'createdBy':
      return { ...value, sql: `${alias}.created_by`, form: 'record number', keyPrefix: '005' }
    case 'modifiedBy':
      return { ...value, sql: `${alias}.modified_by`, form: 'record number', keyPrefix: '005' }
    case null: {
      const stored = valueExpression(field, `${alias}.`)
      // Numbers of more than 15 digits would not fit the integers that Node takes from SQLite.
      const sql = kindOf(field.type) === 'number' ? `(${stored} + 0.0)` : stored
      const keyed = field.unique || field.externalId
      return { ...value, sql, form: 'plain', key: keyed ? `${alias}.${keyColumn(field)}` : null }
    }
  }
}
