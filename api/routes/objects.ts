import { Hono } from 'hono'
import {
  type ObjectListBody,
  ObjectListQuerySchema,
  ObjectQuerySchema,
} from '../../contracts/http/metadata.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { answerConditionally } from '../http/conditional.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { type FoundDescribe, findDescribe } from '../metadata/find-describe.ts'
import { findObjectList } from '../metadata/find-object-list.ts'
import { objectBody, summaryBody } from '../metadata/object-body.ts'
import { typeScriptTypes } from '../metadata/typescript-types.ts'
import type { DescribeLookup } from '../staging/describe-lookup.ts'

/** `/v1/objects`: the objects of an org and their fields, from what Salesforce said last. */
export function createObjectRoutes(deps: ApiDependencies, lookup: DescribeLookup) {
  async function describeOf(c: ApiContext) {
    const query = readQuery(c.req.raw, ObjectQuerySchema)
    const connection = await connectionOf(c, query.connection_id)
    const found = await findDescribe(c, lookup, connection, c.req.param('objectName') ?? '')
    return { query, ...required(found) }
  }

  return new Hono<ApiEnv>()
    .get('/v1/objects', async (c) => {
      const query = readQuery(c.req.raw, ObjectListQuerySchema)
      const after = decodeCursor<[string]>(
        query.cursor,
        ([name]) => typeof name === 'string' && /^\w{1,100}$/.test(name),
      )
      const connection = await connectionOf(c, query.connection_id)
      const list = await findObjectList(deps, c, connection, 'any')
      if (list.status !== 'found') throw notListed(list)
      const found = await createObjectCatalogueQueries(c.var.database).list(
        connection.connectionId,
        {
          text: query.q,
          custom: query.custom === undefined ? undefined : query.custom === 'true',
        },
        query.limit + 1,
        after?.[0] ?? null,
      )
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      const content = {
        objects: page.map((object) => ({
          ...summaryBody(object),
          first_seen_at: object.firstSeenAt.toISOString(),
        })),
        next_cursor: last === undefined ? null : encodeCursor([last.name]),
      }
      const identity = JSON.stringify(content)
      return answerConditionally(c, { identity, asOf: list.asOf }, () => {
        const body: ObjectListBody = { ...content, as_of: list.asOf.toISOString() }
        return c.json(body)
      })
    })
    .get('/v1/objects/:objectName', async (c) => {
      const { query, describe, asOf } = await describeOf(c)
      const identity = JSON.stringify(describe)
      return answerConditionally(c, { identity, asOf }, () =>
        c.json(objectBody(describe, asOf, query.connection_id)),
      )
    })
    .get('/v1/objects/:objectName/types.ts', async (c) => {
      const { describe, asOf } = await describeOf(c)
      const text = typeScriptTypes(describe)
      return answerConditionally(c, { identity: text, asOf }, () => {
        c.header('Content-Type', 'text/plain; charset=UTF-8')
        c.header('Content-Disposition', `inline; filename="${describe.name}.ts"`)
        return c.body(text)
      })
    })
}

function connectionOf(c: ApiContext, connectionId: string | undefined): Promise<Connection> {
  return connectionId === undefined
    ? requireConnectionOfUser(c, null)
    : requireConnectionOfId(c, connectionId)
}

function required(found: FoundDescribe): Extract<FoundDescribe, { status: 'found' }> {
  switch (found.status) {
    case 'found':
      return found
    case 'unknown_object':
      throw new ApiError('object_not_found', found.message)
    default:
      throw notListed(found)
  }
}

function notListed({ status, message }: { readonly status: string; readonly message: string }) {
  if (status === 'authentication_failed') return new ApiError('authentication_failed', message)
  return new ApiError('salesforce_unavailable', message, { headers: { 'retry-after': '5' } })
}
