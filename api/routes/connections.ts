import { Hono } from 'hono'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import {
  AuthorizeConnectionSchema,
  CreateConnectionSchema,
} from '../../contracts/http/connections.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { auditEntry } from '../audit.ts'
import { connectionBody, connectionUrl } from '../connection-body.ts'
import { type Authorization, beginAuthorization } from '../connections/authorization.ts'
import { createConnection } from '../connections/create-connection.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import { chooseLoginUrl } from '../connections/login-url.ts'
import { askSalesforce } from '../connections/operations.ts'
import { beginReauthorization } from '../connections/reauthorization.ts'
import { removeConnection } from '../connections/remove-connection.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { readQuery } from '../http/read-query.ts'

const AUTHORIZE_FIELDS = Object.keys(AuthorizeConnectionSchema.shape)
const CREATE_FIELDS = CreateConnectionSchema.options.flatMap((option) => Object.keys(option.shape))

/** `/v1/connections`: the Salesforce orgs of a workspace. What needs Salesforce is a workflow that is waited for. */
export function createConnectionRoutes(deps: ApiDependencies) {
  const { settings } = deps

  return new Hono<ApiEnv>()
    .get('/v1/connections', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[string]>(
        query.cursor,
        ([id]) => typeof id === 'string' && /^[\w-]{1,200}$/.test(id),
      )
      const connections = createConnectionQueries(c.var.database)
      const found = await connections.list(query.limit + 1, after?.[0] ?? null)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        connections: page.map(connectionBody),
        next_cursor: last === undefined ? null : encodeCursor([last.connectionId]),
      })
    })
    .post('/v1/connections', async (c) => {
      const asked = await readJsonBody(c, settings, CreateConnectionSchema, CREATE_FIELDS)
      const connectionId = await createConnection(deps, c, asked)
      c.header('Location', connectionUrl(connectionId))
      return c.json(connectionBody(await requireConnectionOfId(c, connectionId)), 201)
    })
    .post('/v1/connections/authorize', async (c) => {
      const asked = await readJsonBody(c, settings, AuthorizeConnectionSchema, AUTHORIZE_FIELDS)
      const begun = await beginAuthorization(deps, c, {
        connectionId: null,
        name: asked.name,
        userId: asked.user_id ?? null,
        makeDefault: asked.default,
        loginUrl: chooseLoginUrl(asked, settings.salesforceApp, false),
        clientId: asked.client_id,
        clientSecret: asked.client_secret,
      })
      return c.json(authorizationBody(begun), 201)
    })
    .get('/v1/connections/:connectionId', async (c) =>
      c.json(connectionBody(await requireConnectionOfId(c, c.req.param('connectionId')))),
    )
    .delete('/v1/connections/:connectionId', async (c) => {
      const connection = await requireConnectionOfId(c, c.req.param('connectionId'))
      const { revocation, detail } = await removeConnection(deps, c, connection, 'delete')
      return c.json({ id: connection.connectionId, deleted: true, revocation, detail })
    })
    .post('/v1/connections/:connectionId/reauthorize', async (c) => {
      const connection = await requireConnectionOfId(c, c.req.param('connectionId'))
      const begun = await beginReauthorization(deps, c, connection)
      return c.json(authorizationBody(begun), 201)
    })
    .post('/v1/connections/:connectionId/test', async (c) => {
      const connection = await requireConnectionOfId(c, c.req.param('connectionId'))
      const { connectionId } = connection
      if (connection.status === 'revoked') {
        throw new ApiError('connection_revoked', 'The connection was revoked. Authorise it again.')
      }
      await askSalesforce(deps, c, connectionId, 'test')
      return c.json(connectionBody(await requireConnectionOfId(c, connectionId)))
    })
    .post('/v1/connections/:connectionId/default', async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      await c.var.database.transaction(async (transaction) => {
        const connections = createConnectionQueries(transaction)
        await connections.lock(c.var.workspaceId)
        await connections.makeDefault(c.var.workspaceId, connectionId)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'connection.made_default', subject: connectionId }),
        )
      })
      return c.json(connectionBody(await requireConnectionOfId(c, connectionId)))
    })
}

function authorizationBody(begun: Authorization) {
  return {
    authorization_url: begun.url,
    state: begun.state,
    redirect_uri: begun.redirectUri,
    expires_at: begun.expiresAt.toISOString(),
  }
}
