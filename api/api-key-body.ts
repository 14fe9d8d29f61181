import type { ApiKeyBody } from '../contracts/http/api-keys.ts'
import type { ApiKey } from '../db/api-keys.ts'
import { callerOf } from './caller.ts'

/** A key as callers see it: all but the key. */
export function apiKeyBody(key: ApiKey): ApiKeyBody {
  return {
    id: key.keyId,
    name: key.name,
    hint: key.hint,
    role: key.role,
    scopes: [...callerOf(key).scopes],
    status: statusOf(key),
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    rotated_from: key.rotatedFrom,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  }
}

function statusOf(key: ApiKey): ApiKeyBody['status'] {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && key.expiresAt.getTime() <= Date.now() ? 'expired' : 'active'
}
