import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  LegacyAuthorizationSchema,
  LegacyAuthorizedSchema,
  LegacyAuthorizeQuerySchema,
  LegacyCallbackBodySchema,
  LegacyOauthDoneSchema,
  LegacyOauthHealthSchema,
  LegacyUserBodySchema,
} from '../../contracts/http/legacy-oauth.ts'
import { AUTHORIZE_CODES, OUTCOME_CODES } from './connection-paths.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, legacyErrors } from './responses.ts'

const tags = ['OAuth (legacy)']
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** What completing an authorisation can end with. */
const COMPLETION_CODES = ['invalid_state', 'encryption_key_required', ...OUTCOME_CODES] as const

/** Describes the OAuth routes that existing callers know. No token ever leaves in an answer. */
export function describeLegacyOauthPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  for (const [path, operationId, summary] of [
    ['/api/auth/salesforce/authorize', 'legacyAuthorize', 'Authorise the connection of a user'],
    ['/api/oauth/salesforce/url', 'legacyOauthUrl', 'Get the address to authorise at'],
  ] as const) {
    registry.registerPath({
      method: 'get',
      path,
      operationId,
      tags,
      summary,
      description: 'The connection becomes that of user_id.',
      request: { query: LegacyAuthorizeQuerySchema },
      responses: {
        200: json(LegacyAuthorizationSchema, 'Where the browser goes.'),
        ...legacyErrors('invalid_request', ...AUTHORIZE_CODES),
      },
    })
  }
  registry.registerPath({
    method: 'post',
    path: '/api/auth/salesforce/callback',
    operationId: 'legacyCallback',
    tags,
    summary: 'Complete an authorisation',
    description: 'For an application that Salesforce sent the browser back to.',
    request: {
      body: body(LegacyCallbackBodySchema, {
        code: 'aPrxexample',
        state: 'the-state-of-authorize',
      }),
    },
    responses: {
      200: json(LegacyAuthorizedSchema, 'The connection is made; its tokens are stored.'),
      ...legacyErrors(...BODY_CODES, ...COMPLETION_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/auth/salesforce/callback',
    operationId: 'oauthCallback',
    tags,
    summary: 'Where Salesforce sends the browser back to',
    description:
      'Needs no key: the state counts once, for ten minutes, for its workspace alone. A browser that is not known to have begun the authorisation is shown a page on which its user confirms it.',
    request: {
      query: z.object({
        state: z.string().optional(),
        code: z.string().optional(),
        error: z.string().optional(),
        error_description: z.string().optional(),
      }),
    },
    responses: {
      200: authorizedAsPage('A page that says so, or that asks; JSON for who prefers it.'),
      ...withPage(
        legacyErrors(
          ...(['missing_required_field', 'invalid_request', 'not_acceptable'] as const),
          ...(['another_browser', 'confirmation_required'] as const),
          ...COMPLETION_CODES,
        ),
      ),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/api/auth/salesforce/callback/confirm',
    operationId: 'oauthConfirm',
    tags,
    summary: 'Where the page of the callback sends its form',
    description:
      'Needs no key: the token of the page counts once, for the ten minutes of its state.',
    request: {
      body: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': { schema: z.object({ token: z.string() }) },
        },
      },
    },
    responses: {
      200: authorizedAsPage('A page that says so, or JSON for who prefers it.'),
      ...withPage(
        legacyErrors(...BODY_CODES, 'not_acceptable', 'origin_not_allowed', ...COMPLETION_CODES),
      ),
    },
  })
  for (const [what, summary, description] of [
    ['refresh', 'Renew a session', 'Of the connection of user_id, or the default one.'],
    ['revoke', 'Revoke a connection', 'That of user_id; it can be authorised again.'],
  ] as const) {
    registry.registerPath({
      method: 'post',
      path: `/api/auth/salesforce/${what}`,
      operationId: what === 'refresh' ? 'legacyRefresh' : 'legacyRevoke',
      tags,
      summary,
      description,
      request: { body: body(LegacyUserBodySchema, { user_id: 'ada' }) },
      responses: {
        200: json(LegacyOauthDoneSchema, 'Done.'),
        ...legacyErrors(
          ...BODY_CODES,
          ...(['connection_not_found', 'connection_revoked', 'connection_of_environment'] as const),
          ...(['authentication_failed'] as const),
          ...OUTCOME_CODES,
        ),
      },
    })
  }
  registry.registerPath({
    method: 'get',
    path: '/api/auth/salesforce/health',
    operationId: 'legacyOauthHealth',
    tags,
    summary: 'What is set up and what works',
    responses: { 200: json(LegacyOauthHealthSchema, 'As the tables say.'), ...legacyErrors() },
  })
}

function authorizedAsPage(description: string) {
  return {
    description,
    content: {
      'text/html': { schema: z.string() },
      'application/json': { schema: LegacyAuthorizedSchema },
    },
  }
}

/** A browser gets errors as a page too. */
function withPage(responses: ReturnType<typeof legacyErrors>) {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, content }]) => [
      status,
      { description, content: { ...content, 'text/html': { schema: z.string() } } },
    ]),
  )
}
