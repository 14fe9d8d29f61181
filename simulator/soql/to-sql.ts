import type { SQLInputValue } from 'node:sqlite'
import { canonicalId, keyPrefixOf, recordNumber } from '../ids.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { keyColumn, recordTable, valueExpression } from '../store/database.ts'
import { coerceDate, coerceDatetime } from '../values/coerce-text.ts'
import type { Condition, Literal, Operator, Statement } from './statement.ts'
import { SoqlError } from './tokenize.ts'

/** A statement checked against the schema, with the SQL that finds the numbers of its records. */
export interface PlannedQuery {
  readonly object: ObjectDefinition
  /** `null` for `COUNT()`. */
  readonly fields: readonly FieldDefinition[] | null
  /** Selects one column `n`. */
  readonly sql: string
  readonly parameters: readonly SQLInputValue[]
}

/** Throws SoqlError for names that the schema does not know and for values of a wrong type. */
export function planQuery(
  schema: Schema,
  statement: Statement,
  withDeleted: boolean,
): PlannedQuery {
  const object = schema.object(statement.from)
  if (object === null) {
    throw new SoqlError(
      'INVALID_TYPE',
      `sObject type '${statement.from}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name.`,
    )
  }
  const parameters: SQLInputValue[] = []
  const fieldOf = (name: string): FieldDefinition => findField(schema, object, name)
  const fields = statement.select === 'count' ? null : selected(object, statement.select, fieldOf)
  const conditions = withDeleted ? [] : ['deleted = 0']
  if (statement.where !== null) {
    conditions.push(conditionSql(statement.where, object, fieldOf, parameters))
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const orders = statement.orderBy.map(({ field, descending, nullsLast }) => {
    const collate = isText(fieldOf(field)) ? ' COLLATE NOCASE' : ''
    const direction = descending ? ' DESC' : ' ASC'
    return `${expression(fieldOf(field))}${collate}${direction} NULLS ${nullsLast ? 'LAST' : 'FIRST'}`
  })
  const limit = statement.limit === null ? -1 : statement.limit
  const page =
    statement.limit === null && statement.offset === 0
      ? ''
      : ` LIMIT ${limit} OFFSET ${statement.offset}`
  return {
    object,
    fields,
    sql: `SELECT n FROM ${recordTable(object)}${where} ORDER BY ${[...orders, 'n'].join(', ')}${page}`,
    parameters,
  }
}

function findField(schema: Schema, object: ObjectDefinition, name: string): FieldDefinition {
  const [first = '', second] = name.split('.')
  // The object's own name may stand before a field: `SELECT Account.Name FROM Account`.
  const own = second !== undefined && first.toLowerCase() === object.name.toLowerCase()
  const field = schema.field(object, own ? second : name)
  if (field !== null) return field
  throw new SoqlError(
    'INVALID_FIELD',
    `No such column '${name}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  )
}

function selected(
  object: ObjectDefinition,
  names: readonly string[],
  fieldOf: (name: string) => FieldDefinition,
): FieldDefinition[] {
  const fields = new Map<string, FieldDefinition>()
  for (const name of names) {
    const all = /^FIELDS\((ALL|STANDARD|CUSTOM)\)$/.exec(name)?.[1]
    const found =
      all === undefined
        ? [fieldOf(name)]
        : object.fields.filter(
            (field) => all === 'ALL' || field.name.endsWith('__c') === (all === 'CUSTOM'),
          )
    for (const field of found) fields.set(field.name, field)
  }
  return [...fields.values()]
}

function isText(field: FieldDefinition): boolean {
  return ['string', 'textarea', 'email', 'phone', 'url', 'picklist'].includes(field.type)
}

/** The SQL expression of a field's value. Field names come from the schema, never from a caller. */
function expression(field: FieldDefinition): string {
  switch (field.system) {
    case 'id':
      return 'n'
    case 'created':
      return 'created'
    case 'modified':
      return 'modified'
    case 'deleted':
      return 'deleted'
    case 'createdBy':
      return `record_id('005', created_by)`
    case 'modifiedBy':
      return `record_id('005', modified_by)`
    case null:
      return valueExpression(field)
  }
}

function conditionSql(
  condition: Condition,
  object: ObjectDefinition,
  fieldOf: (name: string) => FieldDefinition,
  parameters: SQLInputValue[],
): string {
  const inner = (part: Condition): string => conditionSql(part, object, fieldOf, parameters)
  switch (condition.kind) {
    case 'and':
      return `(${condition.parts.map(inner).join(' AND ')})`
    case 'or':
      return `(${condition.parts.map(inner).join(' OR ')})`
    case 'not':
      return `NOT coalesce(${inner(condition.part)}, 0)`
    case 'compare':
      return compareSql(
        condition.operator,
        fieldOf(condition.field),
        condition.value,
        object,
        parameters,
      )
    case 'in': {
      const field = fieldOf(condition.field)
      const parts = condition.values.map((value) =>
        compareSql('=', field, value, object, parameters),
      )
      const any = `(${parts.join(' OR ')})`
      return condition.negated ? `NOT coalesce(${any}, 0)` : any
    }
  }
}

function compareSql(
  operator: Operator,
  field: FieldDefinition,
  literal: Literal,
  object: ObjectDefinition,
  parameters: SQLInputValue[],
): string {
  if (literal.kind === 'null') {
    const test = operator === '=' ? 'IS NULL' : operator === '!=' ? 'IS NOT NULL' : null
    if (test === null) throw invalidOperator(field, operator)
    return `${expression(field)} ${test}`
  }
  if (operator === 'like') {
    if (literal.kind !== 'string' || !isText(field)) throw invalidOperator(field, operator)
    parameters.push(literal.value)
    return `${expression(field)} LIKE ? ESCAPE '\\'`
  }
  const value = literalValue(field, literal, object)
  // Keys have an index, over their lower-case form.
  if (operator === '=' && (field.unique || field.externalId)) {
    parameters.push(String(value).toLowerCase())
    return `${keyColumn(field)} = ?`
  }
  parameters.push(value)
  const collate = isText(field) ? ' COLLATE NOCASE' : ''
  // In SOQL a field without a value is different from every value.
  if (operator === '!=') return `${expression(field)} IS NOT ?${collate}`
  return `${expression(field)} ${operator} ?${collate}`
}

function invalidOperator(field: FieldDefinition, operator: string): SoqlError {
  return new SoqlError(
    'INVALID_QUERY_FILTER_OPERATOR',
    `${field.name} ${operator} ... invalid operator on ${field.type} field`,
  )
}

function wrongType(field: FieldDefinition, value: string): SoqlError {
  return new SoqlError(
    'INVALID_FIELD',
    `value of filter criterion for field '${field.name}' must be of type ${field.type} and should ${isText(field) ? '' : 'not '}be enclosed in quotes: ${value}`,
  )
}

/** The value that a literal has in the store. */
function literalValue(
  field: FieldDefinition,
  literal: Exclude<Literal, { kind: 'null' }>,
  object: ObjectDefinition,
): SQLInputValue {
  if (field.type === 'boolean') {
    if (literal.kind !== 'boolean') throw wrongType(field, String(literal.value))
    return literal.value ? 1 : 0
  }
  if (literal.kind === 'boolean') throw wrongType(field, String(literal.value))
  switch (field.type) {
    case 'int':
    case 'double':
    case 'currency':
    case 'percent': {
      const number = Number(literal.value)
      if (literal.kind === 'string' || Number.isNaN(number)) throw wrongType(field, literal.value)
      return number
    }
    case 'date': {
      const day = literal.kind === 'plain' ? coerceDate(literal.value) : null
      if (day === null) throw wrongType(field, literal.value)
      return day
    }
    case 'datetime': {
      const moment = literal.kind === 'plain' ? coerceDatetime(literal.value) : null
      if (moment === null) throw wrongType(field, literal.value)
      return field.system === null ? moment : Date.parse(moment)
    }
    case 'id':
    case 'reference':
      return idValue(field, literal, object)
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'multipicklist':
    case 'time':
    case 'address':
      if (literal.kind !== 'string') throw wrongType(field, literal.value)
      return literal.value
  }
}

function idValue(
  field: FieldDefinition,
  literal: Extract<Literal, { value: string }>,
  object: ObjectDefinition,
): SQLInputValue {
  const id = literal.kind === 'string' ? canonicalId(literal.value) : null
  if (id === null) {
    throw new SoqlError('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${literal.value}`)
  }
  if (field.system !== 'id') return id
  // A record of another object or org matches nothing.
  return keyPrefixOf(id) === object.keyPrefix ? (recordNumber(id) ?? 0) : 0
}
