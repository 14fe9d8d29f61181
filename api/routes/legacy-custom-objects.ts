import { Hono } from 'hono'
import type {
  LegacyCustomObject,
  LegacyCustomObjectFields,
  LegacyCustomObjectListFields,
} from '../../contracts/http/legacy-custom-objects.ts'
import type { LegacyError } from '../../contracts/http/problem.ts'
import type { ObjectDescribe, ObjectSummary } from '../../contracts/metadata.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { createCustomObjectsCacheQueries } from '../../db/salesforce-custom-objects-cache.ts'
import { requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requirePlainText } from '../http/plain-text.ts'
import { findDescribe } from '../metadata/find-describe.ts'
import { findObjectList } from '../metadata/find-object-list.ts'
import { relationshipBodies } from '../metadata/object-body.ts'
import type { DescribeLookup } from '../staging/describe-lookup.ts'

/** No org may have so many. */
const MOST_OBJECTS = 10_000

/** The routes under /api/salesforce/custom-objects: every answer has its fields both flat and under `data`. */
export function createLegacyCustomObjectRoutes(deps: ApiDependencies, lookup: DescribeLookup) {
  return new Hono<ApiEnv>()
    .get('/api/salesforce/custom-objects', async (c) => {
      const userId = requireUser(c)
      const useCache = readFlag(c, 'cache', true)
      const connection = await connectionOf(c, userId)
      // Callers of the replaced service look at `ok`: it answered 200 whatever Salesforce said.
      if (connection === null) return failure(c, 200, 'authentication_failed', NO_CONNECTION)
      const { connectionId } = connection
      const cache = createCustomObjectsCacheQueries(c.var.database)
      const kept = useCache ? await cache.find<LegacyCustomObject>(userId, connectionId) : null
      if (kept !== null) {
        return success(c, listFields(kept.objects, { ...kept, cached: true }))
      }
      const list = await findObjectList(deps, c, connection, useCache ? 'good' : 'fresh')
      if (list.status !== 'found') {
        const code = list.status === 'unavailable' ? 'custom_objects_query_failed' : list.status
        return failure(c, 200, code, list.message)
      }
      const found = await createObjectCatalogueQueries(c.var.database).list(
        connectionId,
        { suffix: '__c' },
        MOST_OBJECTS,
        null,
      )
      const objects = found.map(legacyObject)
      const cachedAt = list.asOf
      const expiresAt = new Date(cachedAt.getTime() + deps.settings.metadataTtlMs)
      await cache.put({
        ...{ workspaceId: c.var.workspaceId, connectionId, userId, objects, cachedAt, expiresAt },
      })
      return success(c, listFields(objects, { cachedAt, expiresAt, cached: !list.fresh }))
    })
    .get('/api/salesforce/custom-objects/:objectName/metadata', async (c) => {
      const connection = await connectionOf(c, requireUser(c))
      if (connection === null) return failure(c, 404, 'authentication_failed', NO_CONNECTION)
      const found = await findDescribe(c, lookup, connection, c.req.param('objectName'))
      if (found.status !== 'found') {
        const isRefused = found.status === 'authentication_failed'
        const code = isRefused ? 'authentication_failed' : 'metadata_query_failed'
        return failure(c, 404, code, found.message)
      }
      const { describe, asOf } = found
      const fields: LegacyCustomObjectFields = {
        custom_object: legacyDescribe(describe),
        as_of: asOf.toISOString(),
        message: `Metadata of ${describe.name}: ${describe.fields.length} fields`,
      }
      return success(c, fields)
    })
}

const NO_CONNECTION =
  'No Salesforce connection is set up. Authorise one, then send the request again.'

function requireUser(c: ApiContext): string {
  const userId = c.req.query('user_id')?.trim() ?? ''
  if (userId === '') throw new ApiError('missing_user_id', 'user_id is required')
  return requirePlainText('user_id', userId, 255)
}

/** Words as Python and browsers send them. */
function readFlag(c: ApiContext, name: string, fallback: boolean): boolean {
  const given = c.req.query(name)?.trim().toLowerCase() ?? ''
  if (given === '') return fallback
  if (given === 'true' || given === '1') return true
  if (given === 'false' || given === '0') return false
  throw new ApiError('invalid_request', `${name} must be true or false`)
}

async function connectionOf(c: ApiContext, userId: string): Promise<Connection | null> {
  try {
    return await requireConnectionOfUser(c, userId)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'authentication_failed') return null
    throw error
  }
}

function listFields(
  objects: readonly LegacyCustomObject[],
  at: { readonly cachedAt: Date; readonly expiresAt: Date; readonly cached: boolean },
): LegacyCustomObjectListFields {
  return {
    custom_objects: [...objects],
    total_count: objects.length,
    cached: at.cached,
    as_of: at.cachedAt.toISOString(),
    expires_at: at.expiresAt.toISOString(),
    message: `${objects.length} custom objects`,
  }
}

function legacyObject(object: ObjectSummary): LegacyCustomObject {
  const { name, label, labelPlural, custom, queryable, createable, updateable } = object
  return {
    ...{ name, label, label_plural: labelPlural, custom, queryable, createable, updateable },
    ...{ deletable: object.deletable, retrieveable: object.retrieveable },
  }
}

function legacyDescribe(describe: ObjectDescribe): LegacyCustomObjectFields['custom_object'] {
  const { name, label, createable, updateable, deletable, queryable } = describe
  return {
    ...{ name, label, label_plural: describe.labelPlural },
    // Salesforce's describe has none of an object.
    description: null,
    ...{ is_custom: describe.custom, key_prefix: describe.keyPrefix },
    fields: describe.fields.map((field) => ({
      ...{ name: field.name, label: field.label, type: field.type, length: field.length },
      ...{ precision: field.precision, scale: field.scale, createable: field.createable },
      ...{ updateable: field.updateable, nillable: field.nillable },
      ...{ defaulted_on_create: field.defaultedOnCreate, auto_number: field.autoNumber },
      ...{ formula: field.calculatedFormula, help_text: field.inlineHelpText },
      picklist_values: field.picklistValues.map((each) => ({ ...each })),
    })),
    child_relationships: relationshipBodies(describe),
    ...{ createable, updateable, deletable, queryable },
  }
}

function success(c: ApiContext, fields: Readonly<Record<string, unknown>>): Response {
  return c.json({ ok: true, ...fields, data: fields })
}

function failure(c: ApiContext, status: 200 | 404, code: string, message: string): Response {
  const body: LegacyError = {
    ...{ ok: false, error: code, message, error_details: { code } },
    request_id: c.var.requestId,
  }
  return c.json(body, status)
}
