import type { z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { ROLE_SCOPES, type Role, type Scope } from '../../contracts/access.ts'
import { CreateApiKeySchema, RotateApiKeySchema } from '../../contracts/http/api-keys.ts'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import { type ApiKey, createApiKeyQueries, type NewApiKey } from '../../db/api-keys.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { issueApiKey } from '../../security/api-key.ts'
import { apiKeyBody } from '../api-key-body.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { readQuery } from '../http/read-query.ts'
import { createRequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'

const KEY_ID = /^key_[0-9a-f-]{36}$/

/** `/v1/api-keys`: make, list, rotate and revoke the keys of a workspace. */
export function createApiKeyRoutes(deps: ApiDependencies) {
  async function readBody<Schema extends z.ZodObject>(
    c: ApiContext,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    requireContentType(c.req.raw, ['application/json'])
    const body = createRequestBody(c.req.raw, deps.settings, c.var.textShare)
    const parsed = schema.safeParse(await parseJsonBody(body))
    if (!parsed.success) throw requestIssues(parsed.error, 'field', Object.keys(schema.shape))
    return parsed.data
  }

  /** Writes the key and what the audit log says of it: both or neither. The key itself leaves once. */
  async function issue(
    c: ApiContext,
    wanted: Pick<NewApiKey, 'name' | 'role' | 'scopes' | 'expiresAt' | 'rotatedFrom'>,
    action: string,
    more: (queries: ReturnType<typeof createApiKeyQueries>) => Promise<void> = async () => {},
  ): Promise<Response> {
    const { workspaceId, caller } = c.var
    const issued = issueApiKey(deps.settings.keyEnvironment)
    const made = await c.var.database.transaction(async (transaction) => {
      const keys = createApiKeyQueries(transaction)
      const { keyId, keyHash, hint } = issued
      const key = await keys.insert({
        ...wanted,
        ...{ keyId, keyHash, hint, workspaceId, createdBy: caller.keyId },
      })
      await more(keys)
      await createAuditLogQueries(transaction).append(
        auditEntry(c, {
          action,
          subject: keyId,
          details: { name: wanted.name, role: wanted.role },
        }),
      )
      return key
    })
    c.header('Location', `/v1/api-keys/${made.keyId}`)
    c.header('Cache-Control', 'no-store')
    return c.json({ ...apiKeyBody(made), key: issued.key }, 201)
  }

  return new Hono<ApiEnv>()
    .post('/v1/api-keys', async (c) => {
      const asked = await readBody(c, CreateApiKeySchema)
      return issue(
        c,
        {
          name: asked.name,
          role: asked.role,
          scopes: requireOwnScopes(c, asked.role, asked.scopes ?? null),
          expiresAt: requireFuture(asked.expires_at),
          rotatedFrom: null,
        },
        'api_key.created',
      )
    })
    .get('/v1/api-keys', async (c) => {
      const query = readQuery(c.req.raw, PageQuerySchema)
      const after = decodeCursor<[string]>(
        query.cursor,
        ([keyId]) => typeof keyId === 'string' && KEY_ID.test(keyId),
      )
      const keys = createApiKeyQueries(c.var.database)
      const found = await keys.list(query.limit + 1, after?.[0] ?? null)
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page[page.length - 1] : undefined
      return c.json({
        keys: page.map(apiKeyBody),
        next_cursor: last === undefined ? null : encodeCursor([last.keyId]),
      })
    })
    .get('/v1/api-keys/:keyId', async (c) => c.json(apiKeyBody(await requireKey(c))))
    .post('/v1/api-keys/:keyId/rotate', async (c) => {
      const asked = await readBody(c, RotateApiKeySchema)
      const old = await requireKey(c)
      if (old.revokedAt !== null) throw keyRevoked()
      requireOwnScopes(c, old.role, old.scopes)
      const { name, role, scopes, keyId } = old
      const until = new Date(Date.now() + asked.overlap_seconds * 1_000)
      return issue(
        c,
        {
          name,
          role,
          scopes,
          rotatedFrom: keyId,
          expiresAt: requireFuture(asked.expires_at) ?? sameLifeFromNow(old),
        },
        'api_key.rotated',
        async (keys) => {
          // Revoked since it was read: whoever did that wants no successor of it either.
          if (!(await keys.expireAt(keyId, until))) throw keyRevoked()
        },
      )
    })
    .delete('/v1/api-keys/:keyId', async (c) => {
      const { keyId } = await requireKey(c)
      const revoked = await c.var.database.transaction(async (transaction) => {
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'api_key.revoked', subject: keyId }),
        )
        return createApiKeyQueries(transaction).revoke(keyId, c.var.caller.keyId)
      })
      if (revoked === null) throw keyNotFound()
      return c.json(apiKeyBody(revoked))
    })
}

async function requireKey(c: ApiContext): Promise<ApiKey> {
  const keyId = c.req.param('keyId') ?? ''
  const key = KEY_ID.test(keyId) ? await createApiKeyQueries(c.var.database).find(keyId) : null
  if (key === null) throw keyNotFound()
  return key
}

function keyNotFound(): ApiError {
  return new ApiError('key_not_found', 'There is no API key of this id.')
}

function keyRevoked(): ApiError {
  return new ApiError('key_revoked', 'This key was revoked. Make a new one instead.')
}

/** Nobody gives more than they have; more than the role has is a misunderstanding. */
function requireOwnScopes(
  c: ApiContext,
  role: Role,
  scopes: readonly Scope[] | null,
): readonly Scope[] | null {
  const wanted = scopes ?? ROLE_SCOPES[role]
  const beyondRole = wanted.find((scope) => !ROLE_SCOPES[role].includes(scope))
  if (beyondRole !== undefined) {
    const message = `The field scopes: the role ${role} does not have ${beyondRole}.`
    throw new ApiError('invalid_request', message)
  }
  const beyondOwn = wanted.find((scope) => !c.var.caller.scopes.has(scope))
  if (beyondOwn !== undefined) {
    const message = `This key lacks the scope ${beyondOwn} itself, and can give it to no other.`
    throw new ApiError('insufficient_scope', message)
  }
  return scopes
}

/** A key that ends has no endless successor: this one lives as long as the old one was made for. */
function sameLifeFromNow({ createdAt, expiresAt }: ApiKey): Date | null {
  if (expiresAt === null) return null
  return new Date(Date.now() + expiresAt.getTime() - createdAt.getTime())
}

function requireFuture(text: string | undefined): Date | null {
  if (text === undefined) return null
  const at = new Date(text)
  if (at.getTime() > Date.now()) return at
  throw new ApiError('invalid_request', 'The field expires_at: must lie in the future.')
}
