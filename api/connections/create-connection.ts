import { createPrivateKey, randomUUID } from 'node:crypto'
import type { z } from '@hono/zod-openapi'
import type { CreateConnectionSchema } from '../../contracts/http/connections.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import {
  createConnectionCredentialQueries,
  credentialContext,
} from '../../db/connection-credentials.ts'
import { createConnectionOperationQueries } from '../../db/connection-operations.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../../db/salesforce-oauth-tokens.ts'
import { auditEntry } from '../audit.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireSuccess } from './await-outcome.ts'
import { chooseLoginUrl } from './login-url.ts'
import { noteOperation, runOperation } from './operations.ts'
import { requireEncryption } from './require-app.ts'

type Wanted = z.infer<typeof CreateConnectionSchema>

/** Bits of an RSA key, at least: Salesforce takes no shorter one in a certificate. */
const LEAST_KEY_BITS = 2_048

/**
 * Makes a connection that needs no browser, and tests it. One that does not pass is not kept.
 * @returns its id
 */
export async function createConnection(
  deps: ApiDependencies,
  c: ApiContext,
  wanted: Wanted,
): Promise<string> {
  requireEncryption(deps)
  const isClientCredentials = wanted.flow === 'client_credentials'
  const loginUrl = chooseLoginUrl(wanted, deps.settings.salesforceApp, isClientCredentials)
  if (!isClientCredentials) requireRsaKey(wanted.private_key)
  const connectionId = `con_${randomUUID()}`
  const { workspaceId, caller } = c.var
  const userId = wanted.user_id ?? null
  const seal = (column: 'client_secret' | 'private_key', text: string) =>
    deps.sealing.seal(credentialContext(connectionId, column), Buffer.from(text))

  const operationId = await c.var.database.transaction(async (transaction) => {
    await createConnectionQueries(transaction).insert({
      ...{ connectionId, workspaceId, name: wanted.name, flow: wanted.flow, loginUrl },
      // Names and the default are given once it works: until then others keep theirs.
      ...{ userId: null, createdBy: caller.keyId },
    })
    await createConnectionCredentialQueries(transaction).put(workspaceId, {
      ...{ connectionId, clientId: wanted.client_id },
      clientSecret: isClientCredentials ? seal('client_secret', wanted.client_secret) : null,
      username: isClientCredentials ? null : wanted.username,
      privateKey: isClientCredentials ? null : seal('private_key', wanted.private_key),
    })
    return noteOperation(transaction, c, connectionId, 'create')
  })
  try {
    const outcome = await runOperation(deps, c, { operationId, connectionId, kind: 'create' })
    if (outcome === null) {
      const message = 'Salesforce did not answer in time, so the connection was not made.'
      throw new ApiError('salesforce_unavailable', message, { headers: { 'retry-after': '5' } })
    }
    requireSuccess(outcome)
  } catch (error) {
    await giveUp(c, { operationId, connectionId }, error instanceof ApiError ? error.code : null)
    throw error
  }
  await c.var.database.transaction(async (transaction) => {
    const connections = createConnectionQueries(transaction)
    await connections.lock(workspaceId)
    if (userId !== null) {
      await connections.forgetUser(userId)
      await createSalesforceOauthTokenQueries(transaction).forgetUser(userId)
    }
    await connections.setVerified(connectionId, userId)
    const current = await connections.findDefault(workspaceId)
    if (wanted.default || current === null) await connections.makeDefault(workspaceId, connectionId)
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        action: 'connection.created',
        subject: connectionId,
        details: { flow: wanted.flow, login_url: loginUrl },
      }),
    )
  })
  return connectionId
}

/** Whoever made it was told that it does not exist, so it must not come to be later. */
async function giveUp(
  c: ApiContext,
  { operationId, connectionId }: { readonly operationId: string; readonly connectionId: string },
  code: string | null,
): Promise<void> {
  await c.var.database.transaction(async (transaction) => {
    const message = 'Nobody waits for it any more.'
    await createConnectionOperationQueries(transaction).fail(
      ...([operationId, 'salesforce_unavailable', message] as const),
    )
    await createConnectionCredentialQueries(transaction).remove(connectionId)
    await createSalesforceOauthTokenQueries(transaction).erase(connectionId)
    const connections = createConnectionQueries(transaction)
    await connections.setDeleted(connectionId)
    await connections.setErased(connectionId)
    await createAuditLogQueries(transaction).append(
      auditEntry(c, {
        ...{ action: 'connection.created', subject: connectionId, outcome: 'failed' },
        details: { code },
      }),
    )
  })
}

function requireRsaKey(pem: string): void {
  const problem = problemOfKey(pem)
  if (problem !== null) {
    throw new ApiError('invalid_request', `The field private_key: ${problem}`)
  }
}

function problemOfKey(pem: string): string | null {
  if (/ENCRYPTED/.test(pem)) {
    return 'is protected by a passphrase. Remove it: openssl pkey -in server.key -out plain.key'
  }
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'rsa') return 'is no RSA key, which is what Salesforce takes.'
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    return bits < LEAST_KEY_BITS ? `has ${bits} bits; ${LEAST_KEY_BITS} are the least.` : null
  } catch {
    // What OpenSSL says of it could repeat parts of the key.
    return 'is no private key in PEM.'
  }
}
