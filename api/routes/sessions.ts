import { Hono } from 'hono'
import type { SessionBody } from '../../contracts/http/sessions.ts'
import { type ApiKey, createApiKeyQueries } from '../../db/api-keys.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createSessionQueries, type Session } from '../../db/sessions.ts'
import { csrfTokenOf, hashSessionToken, makeSessionToken } from '../../security/session-token.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { readSessionCookie, sessionCookie } from '../http/session-cookie.ts'

/** `/v1/session`: an API key is exchanged for a cookie, and the cookie given up again. */
export function createSessionRoutes(deps: ApiDependencies) {
  const { loopbackOnly, sessions: times } = deps.settings

  function body(
    c: ApiContext,
    key: ApiKey | null,
    current: { readonly session: Session; readonly token: string } | null,
  ): SessionBody {
    const { caller } = c.var
    return {
      workspace_id: caller.workspaceId,
      key:
        key === null
          ? null
          : {
              id: key.keyId,
              name: key.name,
              role: key.role,
              expires_at: key.expiresAt?.toISOString() ?? null,
            },
      scopes: [...caller.scopes],
      session: current === null ? null : sessionState(current.session, current.token),
    }
  }

  function sessionState(session: Session, token: string): SessionBody['session'] {
    const { sessionId, createdAt, lastUsedAt, expiresAt } = session
    const idleEnd = Math.min(lastUsedAt.getTime() + times.idleMs, expiresAt.getTime())
    return {
      id: sessionId,
      created_at: createdAt.toISOString(),
      idle_expires_at: new Date(idleEnd).toISOString(),
      expires_at: expiresAt.toISOString(),
      csrf_token: csrfTokenOf(token),
    }
  }

  return new Hono<ApiEnv>()
    .post('/v1/session', async (c) => {
      const { keyId, sessionId, workspaceId } = c.var.caller
      if (keyId === null || sessionId !== null) {
        const message = 'A session is made of an API key: Authorization: Bearer cvy_…'
        throw new ApiError('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } })
      }
      const key = await createApiKeyQueries(c.var.database).find(keyId)
      const token = makeSessionToken()
      const made = `session_${uuidV7()}`
      const session = await c.var.database.transaction(async (transaction) => {
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'session.created', subject: made }),
        )
        return createSessionQueries(transaction).insert({
          ...{ sessionId: made, workspaceId, keyId, address: c.var.address },
          tokenHash: hashSessionToken(token),
          expiresAt: new Date(Date.now() + times.lifetimeMs),
        })
      })
      c.header('Set-Cookie', sessionCookie(loopbackOnly, token, times.lifetimeMs))
      return c.json(body(c, key, { session, token }), 201)
    })
    .get('/v1/session', async (c) => {
      const { keyId, sessionId } = c.var.caller
      const key = keyId === null ? null : await createApiKeyQueries(c.var.database).find(keyId)
      const session =
        sessionId === null ? null : await createSessionQueries(c.var.database).find(sessionId)
      const token = readSessionCookie(c, loopbackOnly)
      return c.json(body(c, key, session === null || token === null ? null : { session, token }))
    })
    .delete('/v1/session', async (c) => {
      const { sessionId } = c.var.caller
      if (sessionId !== null) {
        await c.var.database.transaction(async (transaction) => {
          await createAuditLogQueries(transaction).append(
            auditEntry(c, { action: 'session.ended', subject: sessionId }),
          )
          await createSessionQueries(transaction).end(sessionId)
        })
      }
      c.header('Set-Cookie', sessionCookie(loopbackOnly, '', 0))
      return c.body(null, 204)
    })
    .delete('/v1/sessions', async (c) => {
      const { keyId } = c.var.caller
      const ended =
        keyId === null
          ? 0
          : await c.var.database.transaction(async (transaction) => {
              const count = await createSessionQueries(transaction).endAllOf(keyId)
              await createAuditLogQueries(transaction).append(
                auditEntry(c, {
                  action: 'session.all_ended',
                  subject: keyId,
                  details: { ended: count },
                }),
              )
              return count
            })
      c.header('Set-Cookie', sessionCookie(loopbackOnly, '', 0))
      return c.json({ ended })
    })
}
