import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import {
  type LegacyAuthorizedFields,
  LegacyCallbackBodySchema,
} from '../../contracts/http/legacy-oauth.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createOauthFlowQueries } from '../../db/oauth-flows.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { hashState } from '../connections/authorization.ts'
import { browserOf } from '../connections/browser-binding.ts'
import {
  type BroughtBack,
  completeAuthorization,
  invalidState,
} from '../connections/complete-authorization.ts'
import { askToConfirm, completeConfirmed } from '../connections/confirm-authorization.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { legacyStatus } from '../error-response.ts'
import { ApiError } from '../errors.ts'
import { chooseType } from '../http/accept.ts'
import { requireContentType } from '../http/content-type.ts'
import { isFromOwnPage } from '../http/own-page.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { createRequestBody } from '../http/request-body.ts'
import { CONFIRMATION_HEADERS, confirmationPage, outcomePage } from './oauth-page.ts'
import { environmentOf } from './salesforce-oauth.ts'

/** Salesforce's codes and our states are far shorter. */
const LONGEST = 2_000
const ANOTHER_BROWSER =
  'This authorisation was begun in another browser. If that was you, begin again in this one. If not, close this window: somebody may want the use of your Salesforce account.'
const CONFIRM_ON_PAGE =
  'This browser did not begin the authorisation. Open this address as a page and confirm it there, or send code and state to POST /api/auth/salesforce/callback with an API key.'

/**
 * Where authorisations end: a browser comes with GET, an application that was called back itself with POST. A browser
 * that is not known to have begun the authorisation confirms it first: otherwise whoever begins one could have somebody
 * else connect their organization unawares.
 */
export function createSalesforceOauthCallbackRoutes(deps: ApiDependencies) {
  const { settings } = deps
  return new Hono<ApiEnv>()
    .post('/api/auth/salesforce/callback', async (c) => {
      const { code, state } = await readJsonBody(c, settings, LegacyCallbackBodySchema, [
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
    .get('/api/auth/salesforce/callback', (c) =>
      answer(c, async (wantsPage) => {
        const { database, flow, brought } = await broughtBack(c)
        const browser = browserOf(settings, c, flow)
        if (browser === 'other') throw new ApiError('another_browser', ANOTHER_BROWSER)
        const { code, state } = brought
        // Nothing comes of what was denied, whoever brings it.
        if (code === null || browser === 'same') return complete(database, brought)
        if (!wantsPage) throw new ApiError('confirmation_required', CONFIRM_ON_PAGE)
        const asked = await askToConfirm(deps, database, { state, code })
        return c.html(confirmationPage(asked), 200, CONFIRMATION_HEADERS)
      }),
    )
    .post('/api/auth/salesforce/callback/confirm', (c) =>
      answer(c, async () => {
        if (!isFromOwnPage(c)) {
          throw new ApiError('origin_not_allowed', 'Only the page of this server may confirm.')
        }
        const { connectionId, database } = await completeConfirmed(deps, c, await readToken(c))
        return fieldsOf(database, connectionId)
      }),
    )

  /** As a page, or as JSON for who prefers it. */
  async function answer(
    c: ApiContext,
    work: (wantsPage: boolean) => Promise<LegacyAuthorizedFields | Response>,
  ): Promise<Response> {
    const type = chooseType(c.req.header('accept'), ['text/html', 'application/json'])
    if (type === 'application/json') {
      const fields = await work(false)
      return fields instanceof Response ? fields : c.json({ ok: true, ...fields, data: fields })
    }
    try {
      const fields = await work(true)
      if (fields instanceof Response) return fields
      const { username, id, organization_id } = fields.user_info
      const who = username ?? id ?? 'a user'
      return c.html(
        outcomePage('Connected', `${who} of organization ${organization_id} is connected.`),
      )
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // One of the statuses of the table of errors, all of which have a body.
      const status = legacyStatus(error.code) as ContentfulStatusCode
      return c.html(outcomePage('Not connected', `${error.message} (${error.code})`), status)
    }
  }

  /** What the address says, and the flow that its state is of. */
  async function broughtBack(c: ApiContext) {
    const state = bounded('state', c.req.query('state') ?? '')
    const error = c.req.query('error') ?? null
    const code = c.req.query('code') ?? null
    if (error === null && code === null) {
      throw new ApiError('missing_required_field', 'code is required')
    }
    // A browser from Salesforce shows no key: its state says whose flow it is, and counts once.
    const stateHash = hashState(state)
    const workspaceId = await deps.database.system.workspaceOfOauthState(stateHash)
    if (workspaceId === null) throw invalidState()
    const database = deps.database.workspace(workspaceId)
    const flow = await createOauthFlowQueries(database).findByState(stateHash)
    if (flow === null) throw invalidState()
    const brought: BroughtBack = {
      state,
      code: error === null && code !== null ? bounded('code', code) : null,
      error,
      errorDescription: c.req.query('error_description') ?? null,
    }
    return { database, flow, brought }
  }

  /** The one field of the form. It stands in no address, as the code did. */
  async function readToken(c: ApiContext): Promise<string> {
    requireContentType(c.req.raw, ['application/x-www-form-urlencoded'])
    const form = await createRequestBody(c.req.raw, settings, c.var.textShare).text(LONGEST)
    const token = new URLSearchParams(form).get('token') ?? ''
    if (token === '') throw new ApiError('missing_required_field', 'token is required')
    return token
  }

  async function complete(
    database: WorkspaceDatabase,
    brought: BroughtBack,
  ): Promise<LegacyAuthorizedFields> {
    return fieldsOf(database, await completeAuthorization(deps, database, brought))
  }

  async function fieldsOf(
    database: WorkspaceDatabase,
    connectionId: string,
  ): Promise<LegacyAuthorizedFields> {
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
