import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { childEnvironment } from '../setup/child-environment.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../admin/main.ts', import.meta.url))

let api: TestApi
beforeAll(async () => {
  api = await startTestApi({ keysRequired: true })
})
afterAll(() => api.stop())

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function conveyor(...args: string[]): Promise<Ended> {
  const env = { ...childEnvironment(), DATABASE_URL: api.databaseUrl, NODE_ENV: 'test' }
  try {
    return { code: 0, ...(await run(process.execPath, [MAIN, ...args], { env })) }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    // What execFile rejects with carries both streams.
    return error as unknown as Ended
  }
}

const statusWith = async (key: string) =>
  (await fetch(`${api.url}/v1/bulk-jobs`, { headers: { authorization: `Bearer ${key}` } })).status

test('the first key comes from the command line, alone on standard output', async () => {
  const made = await conveyor('keys', 'create', '--name', 'first', '--role', 'viewer')
  expect(made).toMatchObject({ code: 0 })
  const key = made.stdout.trim()
  expect(key).toMatch(/^cvy_test_[0-9A-Za-z]{49}$/)
  expect(await statusWith(key)).toBe(200)

  const listed = await conveyor('keys', 'list')
  const [keyId = ''] = listed.stdout.split(' ')
  expect(listed.stdout).toContain('viewer  active  first')
  expect(listed.stdout).not.toContain(key)
  expect(await conveyor('keys', 'revoke', keyId)).toMatchObject({ code: 0 })
  expect(await statusWith(key)).toBe(401)
})

test('a workspace has keys of its own', async () => {
  expect(await conveyor('workspaces', 'create', 'sales', '--name', 'Sales')).toMatchObject({
    code: 0,
  })
  const made = await conveyor(
    ...['keys', 'create', '--workspace', 'sales', '--name', 'theirs', '--role', 'admin'],
    ...['--scopes', 'bulk:read', '--expires-in', '12h'],
  )
  expect(await statusWith(made.stdout.trim())).toBe(200)
  expect((await conveyor('keys', 'list')).stdout).not.toContain('theirs')
  expect((await conveyor('workspaces', 'list')).stdout).toContain('sales  Sales')
  const log = createAuditLogQueries(api.pool)
  expect(await log.list({ action: 'workspace.created' }, 10, null)).toMatchObject([
    { workspaceId: 'sales', subject: 'sales', actorKind: 'operator', outcome: 'success' },
  ])
})

// Each starts a process and changes nothing.
test.concurrent.each([
  [['keys', 'create', '--role', 'viewer'], /--name is missing/],
  [['keys', 'create', '--name', 'x', '--role', 'king'], /--role takes viewer, operator, admin/],
  [['keys', 'create', '--name', 'x', '--role', 'viewer', '--scopes', 'bulk:write'], /viewer has/],
  [['keys', 'create', '--name', 'x', '--role', 'viewer', '--expires-in', '3'], /12h or 90d/],
  [['keys', 'list', '--workspace', 'nowhere'], /no workspace nowhere/],
  [['keys', 'revoke', 'key_nobody'], /has no key key_nobody/],
  [['keys', 'lsit'], /create, list or revoke/],
  [['workspaces', 'create', 'Not Good'], /small letters/],
  [['workspaces', 'create', 'default'], /already/],
  [['what'], /no command what/],
  [['constructor'], /no command constructor/],
  [[], /npm run conveyor/],
])('%j says what is wrong', async (args, message) => {
  const ended = await conveyor(...args)
  expect(ended.code).toBe(64)
  expect(ended.stderr).toMatch(message)
  expect(ended.stdout).toBe('')
})
