import { parseArgs } from 'node:util'
import { ROLE_SCOPES, ROLES, type Role, type Scope } from '../contracts/access.ts'
import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import { type ApiKey, createApiKeyQueries } from '../db/api-keys.ts'
import { createAuditLogQueries, type NewAuditEntry } from '../db/audit-log.ts'
import { issueApiKey } from '../security/api-key.ts'
import type { CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'

const MOST_LISTED = 1_000
const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const

/** `keys create|list|revoke`. @throws {CommandError} */
export async function runKeysCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values, positionals } = parse(args)
  const [verb, keyId] = positionals
  const workspaceId = values.workspace
  if ((await context.database.system.findWorkspace(workspaceId)) === null) {
    throw new CommandError(`There is no workspace ${workspaceId}.`)
  }
  switch (verb) {
    case 'create':
      return create(context, workspaceId, {
        name: required('--name', values.name),
        role: roleOf(required('--role', values.role)),
        scopes: values.scopes ?? null,
        expiresAt: expiryOf(values['expires-in']),
      })
    case 'list':
      return list(context, workspaceId)
    case 'revoke':
      return revoke(context, workspaceId, required('the key id', keyId))
    default:
      throw new CommandError('keys takes create, list or revoke.')
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        workspace: { type: 'string', default: DEFAULT_WORKSPACE_ID },
        name: { type: 'string' },
        role: { type: 'string' },
        scopes: { type: 'string' },
        'expires-in': { type: 'string' },
      },
    })
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(error.message)
    throw error
  }
}

async function create(
  { database, keyEnvironment, print, note }: CommandContext,
  workspaceId: string,
  wanted: { name: string; role: Role; scopes: string | null; expiresAt: Date | null },
): Promise<void> {
  const { name, role, expiresAt } = wanted
  const scopes = scopesOf(role, wanted.scopes)
  const { key, keyId, keyHash, hint } = issueApiKey(keyEnvironment)
  await database.workspace(workspaceId).transaction(async (transaction) => {
    await createApiKeyQueries(transaction).insert({
      ...{ keyId, workspaceId, name, keyHash, hint, role, scopes, expiresAt },
      ...{ createdBy: null, rotatedFrom: null },
    })
    await createAuditLogQueries(transaction).append(entry(workspaceId, 'api_key.created', keyId))
  })
  note(
    `${keyId}: ${role} of workspace ${workspaceId}, ${expiresAt === null ? 'without end' : `until ${expiresAt.toISOString()}`}. The key is shown this once:`,
  )
  print(key)
}

async function list({ database, print }: CommandContext, workspaceId: string): Promise<void> {
  const keys = await createApiKeyQueries(database.workspace(workspaceId)).list(MOST_LISTED, null)
  for (const key of keys) {
    print([key.keyId, key.hint, key.role, statusOf(key), key.name].join('  '))
  }
}

async function revoke(
  { database, note }: CommandContext,
  workspaceId: string,
  keyId: string,
): Promise<void> {
  const revoked = await database.workspace(workspaceId).transaction(async (transaction) => {
    const key = await createApiKeyQueries(transaction).revoke(keyId, null)
    if (key !== null) {
      await createAuditLogQueries(transaction).append(entry(workspaceId, 'api_key.revoked', keyId))
    }
    return key
  })
  if (revoked === null) throw new CommandError(`Workspace ${workspaceId} has no key ${keyId}.`)
  note(`${keyId} is revoked, in every process at once.`)
}

function entry(workspaceId: string, action: string, subject: string): NewAuditEntry {
  return {
    workspaceId,
    actorKind: 'operator',
    actorId: null,
    action,
    subject,
    outcome: 'success',
    address: null,
    requestId: null,
    details: {},
  }
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') throw new CommandError(`${name} is missing.`)
  return value.trim()
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text)
  if (role === undefined) throw new CommandError(`--role takes ${ROLES.join(', ')}.`)
  return role
}

function scopesOf(role: Role, text: string | null): readonly Scope[] | null {
  if (text === null) return null
  return text.split(',').map((part) => {
    const scope = ROLE_SCOPES[role].find((known) => known === part.trim())
    if (scope !== undefined) return scope
    throw new CommandError(`--scopes: the role ${role} has ${ROLE_SCOPES[role].join(', ')}.`)
  })
}

function expiryOf(text: string | undefined): Date | null {
  if (text === undefined) return null
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? []
  if (count === undefined || (unit !== 'h' && unit !== 'd')) {
    throw new CommandError('--expires-in takes hours or days, such as 12h or 90d.')
  }
  return new Date(Date.now() + Number(count) * UNIT_MS[unit])
}

function statusOf(key: ApiKey): string {
  if (key.revokedAt !== null) return `revoked ${key.revokedAt.toISOString()}`
  if (key.expiresAt === null) return 'active'
  return `${key.expiresAt.getTime() <= Date.now() ? 'expired' : 'active until'} ${key.expiresAt.toISOString()}`
}
