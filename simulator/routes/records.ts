import type { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../http/api-error.ts'
import { type Org, type OrgContext, type OrgEnv, writeContext } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { canonicalId, keyPrefixOf, makeId } from '../ids.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { recordJson } from '../soql/record-json.ts'
import type { RecordFields, StoredRecord } from '../store/record-store.ts'
import type { WriteResult } from '../store/record-writer.ts'
import { coerceJson } from '../values/coerce-json.ts'
import { isRowError } from '../values/coerce-text.ts'
import { findObject } from './describe.ts'

const ROOT = '/services/data/:version/sobjects/:object'
const bodySchema = z.record(z.string(), z.unknown())

/** One record at a time: create, read, update, delete, and the same by an external id. */
export function addRecordRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.post(ROOT, async (c) => {
    const object = findObject(org, c)
    const values = await readBody(org, c, object)
    const result = accept(await org.write(() => org.writer.insert(object, values, writeContext(c))))
    return c.json({ id: result.id, success: true, errors: [] }, 201)
  })

  app.get(`${ROOT}/:id`, (c) => {
    const object = findObject(org, c)
    return answer(org, c, object, findRecord(org, object, c.req.param('id')))
  })

  app.patch(`${ROOT}/:id`, async (c) => {
    const object = findObject(org, c)
    const values = await readBody(org, c, object)
    const id = knownId(org, object, c.req.param('id'))
    accept(await org.write(() => org.writer.update(object, id, values, writeContext(c))))
    return c.body(null, 204)
  })

  app.delete(`${ROOT}/:id`, async (c) => {
    const object = findObject(org, c)
    const id = knownId(org, object, c.req.param('id'))
    accept(await org.write(() => org.writer.delete(object, id, false, writeContext(c))))
    return c.body(null, 204)
  })

  app.get(`${ROOT}/:field/:value`, (c) => {
    const object = findObject(org, c)
    const field = keyField(org, object, c.req.param('field'))
    const numbers = matching(org, object, field, c.req.param('value'))
    if (numbers.length > 1) return severalMatch(c, object, numbers)
    const [n] = numbers
    if (n === undefined) throw notFound()
    return answer(org, c, object, findRecord(org, object, makeId(object.keyPrefix, n)))
  })

  app.patch(`${ROOT}/:field/:value`, async (c) => {
    const object = findObject(org, c)
    const field = keyField(org, object, c.req.param('field'))
    const values = await readBody(org, c, object)
    const value = coerceJson(field, c.req.param('value'))
    if (isRowError(value)) throw new ApiError(400, value.code, value.message, value.fields)
    const numbers = matching(org, object, field, c.req.param('value'))
    if (numbers.length > 1) return severalMatch(c, object, numbers)
    const result = accept(
      await org.write(() =>
        org.writer.upsert(object, field, { ...values, [field.name]: value }, writeContext(c)),
      ),
    )
    const body = { id: result.id, success: true, errors: [], created: result.created }
    return c.json(body, result.created ? 201 : 200)
  })

  app.delete(`${ROOT}/:field/:value`, async (c) => {
    const object = findObject(org, c)
    const field = keyField(org, object, c.req.param('field'))
    const [n] = matching(org, object, field, c.req.param('value'))
    if (n === undefined) throw notFound()
    const id = makeId(object.keyPrefix, n)
    accept(await org.write(() => org.writer.delete(object, id, false, writeContext(c))))
    return c.body(null, 204)
  })
}

async function readBody(org: Org, c: OrgContext, object: ObjectDefinition): Promise<RecordFields> {
  versionOf(c.req.param('version') ?? '')
  let json: unknown
  try {
    json = JSON.parse(await c.req.text())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ApiError(400, 'JSON_PARSER_ERROR', reason)
  }
  const parsed = bodySchema.safeParse(json)
  if (!parsed.success) throw new ApiError(400, 'JSON_PARSER_ERROR', 'The body must be an object')
  const values: RecordFields = {}
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name === 'attributes') continue
    const field = org.schema.field(object, name)
    if (field === null) {
      throw new ApiError(
        400,
        'INVALID_FIELD',
        `No such column '${name}' on sobject of type ${object.name}`,
      )
    }
    const coerced = coerceJson(field, value)
    if (isRowError(coerced)) {
      const fields = coerced.code === 'JSON_PARSER_ERROR' ? null : coerced.fields
      throw new ApiError(400, coerced.code, coerced.message, fields)
    }
    values[field.name] = coerced
  }
  return values
}

function accept(result: WriteResult): { id: string; created: boolean } {
  if (result.ok) return result
  const { code, message, fields } = result.error
  if (code === 'ENTITY_IS_DELETED') throw new ApiError(404, code, message, fields)
  throw new ApiError(400, code, message, fields)
}

/** An id of a path in 18 characters. Throws ApiError 404 when no such record was ever there. */
function knownId(org: Org, object: ObjectDefinition, text: string): string {
  const id = canonicalId(text)
  if (id === null || keyPrefixOf(id) !== object.keyPrefix || org.store.get(object, id) === null) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${text}`)
  }
  return id
}

function findRecord(org: Org, object: ObjectDefinition, text: string): StoredRecord {
  const record = org.store.get(object, knownId(org, object, text))
  if (record === null) throw notFound()
  if (record.deleted) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted', [])
  return record
}

function keyField(org: Org, object: ObjectDefinition, name: string): FieldDefinition {
  const field = org.schema.field(object, name)
  if (field !== null && (field.externalId || field.system === 'id')) return field
  throw notFound(`Provided external ID field does not exist or is not accessible: ${name}`)
}

function matching(org: Org, object: ObjectDefinition, field: FieldDefinition, value: string) {
  if (field.system === 'id') return [findRecord(org, object, value).n]
  return org.store.withKey(object, field.name, value)
}

/** 300: the body is an array of the records' addresses. */
function severalMatch(c: OrgContext, object: ObjectDefinition, numbers: readonly number[]) {
  const version = versionOf(c.req.param('version') ?? '')
  const root = `/services/data/v${version}.0/sobjects/${object.name}`
  return c.json(
    numbers.map((n) => `${root}/${makeId(object.keyPrefix, n)}`),
    300,
  )
}

function answer(org: Org, c: OrgContext, object: ObjectDefinition, record: StoredRecord) {
  const version = versionOf(c.req.param('version') ?? '')
  const asked = c.req.query('fields')
  const fields =
    asked === undefined
      ? object.fields
      : asked.split(',').map((name) => {
          const field = org.schema.field(object, name.trim())
          if (field !== null) return field
          throw new ApiError(
            400,
            'INVALID_FIELD',
            `No such column '${name}' on sobject of type ${object.name}`,
          )
        })
  return c.json(recordJson(object, record, fields, version))
}
