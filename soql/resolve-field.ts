import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import { NAME_OBJECT, type Schema } from './schema.ts'
import { SoqlError } from './soql-error.ts'
import type { FieldPath } from './statement.ts'

/** A path with every name as the org spells it, and the field that it leads to. */
export interface ResolvedField {
  readonly path: readonly string[]
  readonly field: FieldDescribe
}

/** Where the describe of a parent is missing: its name. */
export interface MissingObject {
  readonly missing: string
}

/** @throws {SoqlError} `query_unknown_field`, with the nearest name. */
export function resolveField(
  schema: Schema,
  start: ObjectDescribe,
  { path, at }: FieldPath,
): ResolvedField | MissingObject {
  const resolved: string[] = []
  let object = start
  for (const [place, asked] of path.entries()) {
    const wanted = asked.toLowerCase()
    if (place === path.length - 1) {
      const found = object.fields.find((each) => each.name.toLowerCase() === wanted)
      if (found === undefined) throw unknownField(schema, object, asked, at)
      return { path: [...resolved, found.name], field: found }
    }
    const parent = object.fields.find((each) => each.relationshipName?.toLowerCase() === wanted)
    if (parent === undefined || parent.relationshipName === null) {
      throw unknownParent(schema, object, asked, at)
    }
    resolved.push(parent.relationshipName)
    const [only, ...others] = parent.referenceTo
    if (only === undefined) throw unknownParent(schema, object, asked, at)
    if (others.length > 0) {
      object = NAME_OBJECT
      continue
    }
    const next = schema.describeOf(only)
    if (next === undefined) return { missing: only }
    if (next === null) {
      const message = `${resolved.join('.')} leads to ${only}, which the integration user cannot see.`
      throw new SoqlError('query_unknown_field', message, { position: at })
    }
    object = next
  }
  throw new Error('A path without a name.')
}

function unknownField(
  schema: Schema,
  object: ObjectDescribe,
  asked: string,
  position: number | null,
): SoqlError {
  const isParent = object.fields.some(
    (each) => each.relationshipName?.toLowerCase() === asked.toLowerCase(),
  )
  if (isParent) {
    const message = `${asked} leads to another record. Name a field of it, as ${asked}.Name.`
    return new SoqlError('query_unknown_field', message, { position, nearest: `${asked}.Name` })
  }
  return unknown(schema, object, 'field', asked, position, fieldNames(object))
}

function unknownParent(
  schema: Schema,
  object: ObjectDescribe,
  asked: string,
  position: number | null,
): SoqlError {
  const own = object.fields.find((each) => each.name.toLowerCase() === asked.toLowerCase())
  const nearest = own?.relationshipName ?? null
  if (nearest !== null) {
    const message = `${asked} is the field with the id. The way to the record is ${nearest}.`
    return new SoqlError('query_unknown_field', message, { position, nearest })
  }
  const names = object.fields.flatMap(({ relationshipName }) => relationshipName ?? [])
  return unknown(schema, object, 'parent', asked, position, names)
}

function unknown(
  schema: Schema,
  object: ObjectDescribe,
  what: string,
  asked: string,
  position: number | null,
  candidates: readonly string[],
): SoqlError {
  const nearest = schema.nearestName(asked, candidates)
  const advice = nearest === null ? '' : ` Did you mean ${nearest}?`
  const message = `${object.name} has no ${what} ${asked}, or the integration user cannot see it.${advice}`
  return new SoqlError('query_unknown_field', message, { position, nearest })
}

const fieldNames = (object: ObjectDescribe): readonly string[] =>
  object.fields.map(({ name }) => name)
