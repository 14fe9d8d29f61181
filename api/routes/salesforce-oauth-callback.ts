import { Hono } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import {
  type LegacyAuthorizedFields,
  LegacyCallbackBodySchema,
} from '../../contracts/http/legacy-oauth.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { hashState } from '../connections/authorization.ts'
import { type BroughtBack, completeAuthorization } from '../connections/complete-authorization.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { legacyStatus } from '../error-response.ts'
import { ApiError } from '../errors.ts'
import { chooseType } from '../http/accept.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { environmentOf } from './salesforce-oauth.ts'

/** Salesforce's codes and our states are far shorter. */
const LONGEST = 2_000

/** Where authorisations end: a browser comes with GET, an application that was called back itself with POST. */
export function createSalesforceOauthCallbackRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .post('/api/auth/salesforce/callback', async (c) => {
      const { code, state } = await readJsonBody(c, deps.settings, LegacyCallbackBodySchema, [
        'code',
        'state',
      ])
      const fields = await complete(c.var.database, {
        state: bounded('state', state),
        code: bounded('code', code),
        error: null,
        errorDescription: null,
      })
      return c.json({ ok: true, ...fields, data: fields })
    })
    .get('/api/auth/salesforce/callback', async (c) => {
      const wantsPage = chooseType(c.req.header('accept'), ['text/html', 'application/json'])
      if (wantsPage === 'application/json') {
        const fields = await completeForBrowser(c)
        return c.json({ ok: true, ...fields, data: fields })
      }
      try {
        const { user_info } = await completeForBrowser(c)
        const who = user_info.username ?? user_info.id ?? 'a user'
        return c.html(
          page('Connected', `${who} of organization ${user_info.organization_id} is connected.`),
        )
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        // One of the statuses of the table of errors, all of which have a body.
        const status = legacyStatus(error.code) as ContentfulStatusCode
        return c.html(page('Not connected', `${error.message} (${error.code})`), status)
      }
    })

  async function completeForBrowser(c: ApiContext): Promise<LegacyAuthorizedFields> {
    const state = bounded('state', c.req.query('state') ?? '')
    const error = c.req.query('error') ?? null
    const code = c.req.query('code') ?? null
    if (error === null && code === null) {
      throw new ApiError('missing_required_field', 'code is required')
    }
    // The state is all that a browser shows: it says whose flow it is, and counts once.
    const workspaceId = await deps.database.system.workspaceOfOauthState(hashState(state))
    if (workspaceId === null) {
      throw new ApiError('invalid_state', 'This state is not known. Start the authorisation again.')
    }
    return complete(deps.database.workspace(workspaceId), {
      state,
      code: error === null && code !== null ? bounded('code', code) : null,
      error,
      errorDescription: c.req.query('error_description') ?? null,
    })
  }

  async function complete(
    database: WorkspaceDatabase,
    brought: BroughtBack,
  ): Promise<LegacyAuthorizedFields> {
    const connectionId = await completeAuthorization(deps, database, brought)
    const connection = await createConnectionQueries(database).get(connectionId)
    if (connection === null) throw new Error(`The connection ${connectionId} is gone.`)
    const tokens = createSalesforceOauthTokenQueries(database)
    return authorizedFields(connection, await tokens.findProfileId(connectionId))
  }
}

function authorizedFields(
  connection: Connection,
  profileId: string | null,
): LegacyAuthorizedFields {
  const { connectionId, userId, scope, username, organizationId, instanceUrl } = connection
  return {
    tokens: { stored: true, scope, token_type: 'Bearer', instance_url: instanceUrl },
    user_info: {
      id: connection.salesforceUserId,
      username,
      organization_id: organizationId,
      profile_id: profileId,
      instance_url: instanceUrl,
      environment: connection.loginUrl === null ? 'production' : environmentOf(connection.loginUrl),
    },
    additional_info: { connection_id: connectionId, user_id: userId },
    provider: 'salesforce',
    stored: true,
  }
}

function bounded(name: string, text: string): string {
  if (text === '') throw new ApiError('missing_required_field', `${name} is required`)
  if (text.length <= LONGEST) return text
  throw new ApiError('invalid_request', `${name} has more than ${LONGEST} characters`)
}

/** Escaped by the template, whoever wrote the text. */
function page(title: string, text: string) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><h1>${title}</h1><p>${text}</p><p>You can close this window.</p></body>
</html>`
}
