import { Hono } from 'hono'
import {
  type LegacyAuthorizationFields,
  type LegacyOauthDoneFields,
  type LegacyOauthHealthFields,
  LegacyUserBodySchema,
} from '../../contracts/http/legacy-oauth.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { AUTHORIZATION_SECONDS, beginAuthorization } from '../connections/authorization.ts'
import { refuseEnvironment, requireConnectionOfUser } from '../connections/find-connection.ts'
import { chooseLoginUrl } from '../connections/login-url.ts'
import { askSalesforce } from '../connections/operations.ts'
import { removeConnection } from '../connections/remove-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requirePlainText } from '../http/plain-text.ts'
import { readJsonBody } from '../http/read-json-body.ts'

/** The OAuth routes of the replaced service. What they did with tokens in the open is done with a connection here. */
export function createSalesforceOauthRoutes(deps: ApiDependencies) {
  const { settings } = deps

  async function authorize(c: ApiContext): Promise<Response> {
    const userId = c.req.query('user_id')?.trim() ?? ''
    const name = userId === '' ? null : requirePlainText('user_id', userId, 255)
    const given = c.req.query('environment')?.trim()
    const loginUrl = chooseLoginUrl(
      // A login address is taken too, as SALESFORCE_ENVIRONMENT does.
      given === undefined || given === '' ? {} : { environment: given },
      settings.salesforceApp,
      false,
    )
    const begun = await beginAuthorization(deps, c, {
      connectionId: null,
      name: name === null ? 'Salesforce' : `Salesforce of ${name}`.slice(0, 100),
      userId: name,
      makeDefault: false,
      loginUrl,
    })
    const fields: LegacyAuthorizationFields = {
      authorization_url: begun.url,
      url: begun.url,
      state: begun.state,
      provider: 'salesforce',
      environment: environmentOf(loginUrl),
      client_id: `${begun.clientId.slice(0, 8)}…`,
      redirect_uri: begun.redirectUri,
      expires_in: AUTHORIZATION_SECONDS,
    }
    return c.json({ ok: true, ...fields, data: fields })
  }

  /** What would hit all callers is done to a connection of the caller's own only. */
  async function connectionOfBody(
    c: ApiContext,
    use: 'default_too' | 'own_only',
  ): Promise<Connection> {
    // Whatever tokens callers still send are left alone: the stored ones count.
    const { user_id } = await readJsonBody(c, settings, LegacyUserBodySchema, ['user_id'])
    const userId = requirePlainText('user_id', user_id.trim(), 255)
    const connection =
      use === 'default_too'
        ? await requireConnectionOfUser(c, userId)
        : await createConnectionQueries(c.var.database).findByUser(userId)
    if (connection === null) {
      throw new ApiError('connection_not_found', 'This user_id has no connection of its own.')
    }
    if (connection.status === 'revoked') {
      throw new ApiError('connection_revoked', 'The connection was revoked. Authorise it again.')
    }
    return connection
  }

  return new Hono<ApiEnv>()
    .get('/api/auth/salesforce/authorize', authorize)
    .get('/api/oauth/salesforce/url', authorize)
    .post('/api/auth/salesforce/refresh', async (c) => {
      const { connectionId } = await connectionOfBody(c, 'default_too')
      await askSalesforce(deps, c, connectionId, 'refresh')
      return done(c, connectionId, 'connected', 'The session was renewed. Its tokens stay here.')
    })
    .post('/api/auth/salesforce/revoke', async (c) => {
      const connection = await connectionOfBody(c, 'own_only')
      refuseEnvironment(connection, 'Take them away there, and start it again.')
      const { revocation, detail } = await removeConnection(deps, c, connection, 'revoke')
      return done(
        ...([c, connection.connectionId, revocation] as const),
        detail ?? 'The tokens were revoked and erased.',
      )
    })
    .get('/api/auth/salesforce/health', async (c) => {
      const connections = await createConnectionQueries(c.var.database).countByStatus()
      const fields: LegacyOauthHealthFields = {
        provider: 'salesforce',
        status:
          connections.connected === 0
            ? 'not_connected'
            : connections.reauthorization_required > 0
              ? 'degraded'
              : 'healthy',
        configured: {
          client_id: settings.salesforceApp.clientId !== null,
          redirect_uri: settings.salesforceApp.redirectUri !== null,
          encryption: deps.sealing.keyId !== null,
        },
        connections,
        timestamp: new Date().toISOString(),
      }
      return c.json({ ok: true, ...fields, data: fields })
    })
}

function done(c: ApiContext, connectionId: string, status: string, message: string): Response {
  const fields: LegacyOauthDoneFields = {
    provider: 'salesforce',
    connection_id: connectionId,
    status,
    message,
  }
  return c.json({ ok: true, ...fields, data: fields })
}

/** The word that callers of the replaced service know for a login host. */
export function environmentOf(loginUrl: string): string {
  const { hostname } = new URL(loginUrl)
  const isSandbox = hostname === 'test.salesforce.com' || hostname.includes('.sandbox.')
  return isSandbox ? 'sandbox' : 'production'
}
