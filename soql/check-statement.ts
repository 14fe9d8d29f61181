import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import { checkCondition, type FindField } from './check-condition.ts'
import { fieldKind, isSortable } from './field-kind.ts'
import { type MissingObject, type ResolvedField, resolveField } from './resolve-field.ts'
import type { Schema } from './schema.ts'
import { inSource, SoqlError, type SoqlSource } from './soql-error.ts'
import type { FieldPath, Statement } from './statement.ts'

const MOST_FIELDS = 800
const MOST_ORDERINGS = 32

/** What runs the query: Bulk API 2.0 reads less than REST does. */
export type QueryForm = 'rest' | 'bulk'

export interface SelectedColumn {
  /** As Salesforce heads it: `Account.Owner.Name`. */
  readonly name: string
  /** Salesforce's type word. */
  readonly type: string
}

/** `needs`: objects whose describes are to be looked up, after which the check is made again. */
export type CheckOutcome =
  | {
      readonly kind: 'checked'
      readonly statement: Statement
      readonly columns: readonly SelectedColumn[]
    }
  | { readonly kind: 'needs'; readonly objects: readonly string[] }

/**
 * Holds every name of a statement against describes and every literal against its field. What comes out has names as
 * the org spells them.
 * @param sources names the part of the request that each part of the statement comes from.
 * @throws {SoqlError}
 */
export function checkStatement(
  statement: Statement,
  schema: Schema,
  form: QueryForm,
  sources: Readonly<Record<'fields' | 'where' | 'orderBy' | 'object', SoqlSource>>,
): CheckOutcome {
  const object = schema.describeOf(statement.object)
  if (object === undefined) return { kind: 'needs', objects: [statement.object] }
  if (object === null) throw unknownObject(statement.object).in(sources.object)
  if (!object.queryable) {
    const message = `${object.name} cannot be queried.`
    throw new SoqlError('query_unknown_object', message, { source: sources.object })
  }
  const missing = new Set<string>()
  const find = finder(schema, object, missing)

  const fields = inSource(sources.fields, () => checkFields(statement.fields, find, form))
  const { where } = statement
  const checked = where === null ? null : inSource(sources.where, () => checkCondition(where, find))
  const orderBy = inSource(sources.orderBy, () => checkOrder(statement, find))
  if (missing.size > 0) return { kind: 'needs', objects: [...missing] }
  if (form === 'bulk' && statement.offset !== null && statement.offset > 0) {
    const message = 'Bulk queries have no OFFSET: read from the beginning, or narrow the condition.'
    throw new SoqlError('query_not_supported', message, { source: sources.fields })
  }
  return {
    kind: 'checked',
    columns: fields.map(({ path, field }) => ({ name: path.join('.'), type: field.type })),
    statement: {
      ...statement,
      object: object.name,
      fields: fields.map(({ path }) => ({ path, at: null })),
      where: checked,
      orderBy,
    },
  }
}

/** What Salesforce shows of records where nobody says more; of the object's own fields those that it has. */
export function defaultFields(object: ObjectDescribe): readonly FieldPath[] {
  const names = new Set(object.fields.map(({ name }) => name))
  const found = ['Id', 'Name', 'CreatedDate'].filter((name) => names.has(name))
  return found.map((name) => ({ path: [name], at: null }))
}

export function unknownObject(name: string): SoqlError {
  const message = `The organization has no object ${name}, or the integration user cannot see it.`
  return new SoqlError('query_unknown_object', message)
}

function finder(schema: Schema, object: ObjectDescribe, missing: Set<string>): FindField {
  return (path) => {
    const found: ResolvedField | MissingObject = resolveField(schema, object, path)
    if (!('missing' in found)) return found
    missing.add(found.missing)
    return null
  }
}

interface CheckedField {
  readonly path: readonly string[]
  readonly field: FieldDescribe
}

function checkFields(
  asked: readonly FieldPath[],
  find: FindField,
  form: QueryForm,
): readonly CheckedField[] {
  if (asked.length === 0) throw new SoqlError('query_syntax', 'Name at least one field.')
  if (asked.length > MOST_FIELDS) {
    throw new SoqlError('query_too_complex', `A query selects ${MOST_FIELDS} fields at most.`)
  }
  const byName = new Map<string, CheckedField>()
  for (const each of asked) {
    const found = find(each)
    if (found === null) continue
    if (form === 'bulk') refuseInBulk(found, each.at)
    // Salesforce refuses a field that is selected twice; once is what is meant.
    byName.set(found.path.join('.'), found)
  }
  return [...byName.values()]
}

function refuseInBulk({ path, field }: CheckedField, position: number | null): void {
  const isCompound = fieldKind(field) === 'compound'
  if (!isCompound && field.type !== 'base64') return
  const name = path.join('.')
  const instead = isCompound ? ' Select its parts, as BillingCity.' : ''
  const message = `${name} (${field.type}) cannot be read by a bulk query.${instead}`
  throw new SoqlError('query_field_not_usable', message, { position })
}

function checkOrder({ orderBy }: Statement, find: FindField): Statement['orderBy'] {
  if (orderBy.length > MOST_ORDERINGS) {
    throw new SoqlError(
      'query_too_complex',
      `Records are ordered by ${MOST_ORDERINGS} fields at most.`,
    )
  }
  return orderBy.map((ordering) => {
    const found = find(ordering.field)
    if (found === null) return ordering
    if (!isSortable(fieldKind(found.field))) {
      const message = `Records cannot be ordered by ${found.path.join('.')} (${found.field.type}).`
      throw new SoqlError('query_field_not_usable', message, { position: ordering.field.at })
    }
    return { ...ordering, field: { ...ordering.field, path: found.path } }
  })
}
