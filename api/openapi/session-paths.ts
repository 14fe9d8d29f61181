import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { EndedSessionsSchema, SessionSchema } from '../../contracts/http/sessions.ts'
import { json, problems } from './responses.ts'

const tags = ['Sessions']
const cookie = z.object({
  'Set-Cookie': z.string().openapi({
    description:
      'The cookie `__Host-conveyor_session`; `conveyor_session` where only the machine itself reaches the server. HttpOnly, SameSite=Strict.',
  }),
})

/** Describes the routes /v1/session and /v1/sessions. */
export function describeSessionPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/session',
    operationId: 'createSession',
    tags,
    summary: 'Exchange an API key for a session',
    description:
      'For pages of this server. The session does what the key may do, and ends with it, after half an hour without a request, and after twelve hours in any case (both can be set).',
    responses: { 201: json(SessionSchema, 'The session; the cookie is set.', cookie) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/session',
    operationId: 'getSession',
    tags,
    summary: 'Say who calls, and by which session',
    responses: { 200: json(SessionSchema, 'The caller.'), ...problems() },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/session',
    operationId: 'endSession',
    tags,
    summary: 'Log out',
    responses: { 204: { description: 'The session is over.', headers: cookie }, ...problems() },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/sessions',
    operationId: 'endSessions',
    tags,
    summary: "Log out everywhere: end every session of the caller's key",
    responses: {
      200: json(EndedSessionsSchema, 'How many sessions ended.', cookie),
      ...problems(),
    },
  })
}
