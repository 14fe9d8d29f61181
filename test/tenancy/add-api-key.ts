import type { Role, Scope } from '../../contracts/access.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createApiKeyQueries } from '../../db/api-keys.ts'
import type { DatabasePool } from '../../db/pool.ts'
import { issueApiKey } from '../../security/api-key.ts'

/** Makes a key as the owner of the tables and gives it. */
export async function addApiKey(
  pool: DatabasePool,
  wanted: {
    readonly role: Role
    readonly name?: string
    readonly scopes?: readonly Scope[]
    readonly workspaceId?: string
    readonly expiresAt?: Date
  },
): Promise<string> {
  const { key, keyId, keyHash, hint } = issueApiKey('test')
  await createApiKeyQueries(pool).insert({
    ...{
      keyId,
      keyHash,
      hint,
      name: wanted.name ?? 'of a test',
      createdBy: null,
      rotatedFrom: null,
    },
    workspaceId: wanted.workspaceId ?? DEFAULT_WORKSPACE_ID,
    role: wanted.role,
    scopes: wanted.scopes ?? null,
    expiresAt: wanted.expiresAt ?? null,
  })
  return key
}
