import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CreatedApiKeySchema } from '../../contracts/http/api-keys.ts'
import { obtainTemporalBinary } from '../../dev/stack/temporal-binary.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createPayloadCodec } from '../../temporal/codec.ts'
import { childEnvironment } from '../setup/child-environment.ts'
import { startTestConveyor, type TestConveyor } from '../setup/conveyor.ts'
import { authorizePlanted } from './authorize-planted.ts'
import { dumpDatabase } from './dump-database.ts'
import { dumpTemporal, type TemporalDump } from './dump-temporal.ts'
import { findPlanted, type Planted } from './find-planted.ts'

const run = promisify(execFile)
const MAIN = fileURLToPath(new URL('../../admin/main.ts', import.meta.url))

const random = (name: string) => `planted-${name}-${randomBytes(12).toString('hex')}`

const ENCRYPTION_KEY = random('encryption-key')
/** Of people: may be in the database, where the rows of the job are, and nowhere else. */
const PERSONAL = {
  'user_id of a caller': `ada.lovelace+${randomBytes(6).toString('hex')}@telling.example`,
  'name in a record': random('name'),
  'name in a record that fails': random('failing'),
  'name in a body that is refused': random('refused'),
}
/** Known before the run; tokens and keys that the run makes are added to it. */
const secrets: Record<string, string | RegExp> = {
  'client secret': random('client-secret'),
  'refresh token': random('refresh-token'),
  'webhook secret': random('webhook-secret'),
  'encryption key': ENCRYPTION_KEY,
  'Slack URL': `https://hooks.slack.com/services/T0/B0/${random('slack').replaceAll('-', '_')}`,
  'Discord URL': `https://discord.com/api/webhooks/1/${random('discord')}`,
  'access token': /00D\w{12,15}!\w/,
  'rotated refresh token': /5Aep861\w/,
  'any API key': /cvy_(?:live|test)_[0-9A-Za-z]{20}/,
  'any session token': /cvy_session_[\w-]{20}/,
}
const text = (name: string) => String(secrets[name])

let conveyor: TestConveyor
let logs = ''
let database = ''
let files = ''
let temporal: TemporalDump
/** The history of a job as Temporal's own command line shows it, without and with the codec endpoint. */
let shownSealed = ''
let shownOpened = ''
/** Everything that was said no to, headers too. */
const refusals: string[] = []
let jobIds: readonly string[] = []

beforeAll(async () => {
  conveyor = await startTestConveyor({
    environment: {
      SALESFORCE_CLIENT_SECRET: text('client secret'),
      SALESFORCE_REFRESH_TOKEN: text('refresh token'),
      SALESFORCE_TOKEN_ENCRYPTION_KEY: ENCRYPTION_KEY,
      SALESFORCE_WEBHOOK_SECRET: text('webhook secret'),
      SALESFORCE_SLACK_WEBHOOK_URL: text('Slack URL'),
      SALESFORCE_DISCORD_WEBHOOK_URL: text('Discord URL'),
      SALESFORCE_LOG_LEVEL: 'trace',
      SALESFORCE_ENABLE_REQUEST_LOGGING: 'true',
      SALESFORCE_ENABLE_RESPONSE_LOGGING: 'true',
      CONVEYOR_REQUIRE_KEYS: 'true',
      CONVEYOR_SEAL_PAYLOADS: 'true',
    },
  })
  await fullRun()
  logs = await readAll(conveyor.environment['CONVEYOR_STATE_DIR'] ?? '', (name) =>
    /^(?:api|worker)-.*\.log$/.test(name),
  )
  database = await dumpDatabase(conveyor.pool)
  const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
  temporal = await dumpTemporal(conveyor.temporal, createPayloadCodec(sealing, true))
  files = await readAll(
    conveyor.environment['CONVEYOR_STATE_DIR'] ?? '',
    // The simulated org's own files stand for Salesforce.
    (name) => !name.startsWith('org.'),
  )
  for (const name of await readdir(tmpdir())) {
    if (name.includes(conveyor.installationId)) files += await readAll(join(tmpdir(), name))
  }
})
afterAll(() => conveyor.stop())

async function readAll(
  directory: string,
  wanted: (name: string) => boolean = () => true,
): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const read = entries
    .filter(
      (entry) => entry.isFile() && wanted(relative(directory, join(entry.parentPath, entry.name))),
    )
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'))
  return (await Promise.all(read)).join('\n')
}

async function admin(...args: string[]): Promise<string> {
  const env = { ...childEnvironment(), ...conveyor.environment }
  return (await run(process.execPath, [MAIN, ...args], { env })).stdout.trim()
}

/** Jobs that go well, fail by row and are held; keys, sessions, and requests of every kind that are refused. */
async function fullRun(): Promise<void> {
  await conveyor.org.set({ rotateRefreshTokens: true })
  await conveyor.org.addFault({
    match: { call: 'bulk.close' },
    times: 'always',
    action: {
      type: 'row_error',
      rows: { field: 'Name', equals: [PERSONAL['name in a record that fails']] },
      firstTries: null,
    },
  })
  const worker = await conveyor.startWorker()
  const api = await conveyor.startApi()
  const key = await admin('keys', 'create', '--name', 'first', '--role', 'admin')
  secrets['API key'] = key

  async function ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null = null,
  ) {
    const answer = await fetch(`${api.url}${path}`, { method, headers: { ...headers }, body })
    const said = await answer.text()
    if (answer.status >= 400) {
      refusals.push(`${method} ${answer.status} ${said} ${JSON.stringify([...answer.headers])}`)
    }
    return { status: answer.status, said, headers: answer.headers }
  }
  const bearer = { authorization: `Bearer ${key}` }
  const json = { 'content-type': 'application/json' }

  const sealing = createSealing([deriveSealingKey(ENCRYPTION_KEY)])
  Object.assign(
    secrets,
    await authorizePlanted(
      ...([conveyor, sealing, api.url, { ask, bearer }, random('app-secret')] as const),
    ),
  )

  const legacy = await ask(
    ...['POST', '/api/salesforce/bulk/create-job', { ...bearer, ...json }],
    JSON.stringify({
      user_id: PERSONAL['user_id of a caller'],
      operation: 'insert',
      object_type: 'Account',
      data: [
        { Name: PERSONAL['name in a record'] },
        { Name: PERSONAL['name in a record that fails'] },
      ],
    }),
  )
  expect([legacy.status, legacy.said]).toEqual([201, expect.any(String)])
  const streamed = await ask(
    ...['POST', '/v1/bulk-jobs?object=Account&operation=insert'],
    { ...bearer, 'content-type': 'text/csv' },
    ['Name', PERSONAL['name in a record'], PERSONAL['name in a record that fails']].join('\n'),
  )
  expect(streamed.status).toBe(202)
  // Both answers are just what these routes promise.
  const first = (JSON.parse(legacy.said) as { job_id: string }).job_id
  const second = (JSON.parse(streamed.said) as { id: string }).id
  for (const jobId of [first, second]) {
    expect((await conveyor.waitForEnd(jobId)).state).toBe('CompletedWithErrors')
  }

  // A refused token holds a job; Salesforce's words go into rows, logs and failures.
  await conveyor.org.addFault({
    match: { call: 'token' },
    times: 'always',
    action: { type: 'status', status: 400, errorCode: 'invalid_grant' },
  })
  await conveyor.org.expireSessions()
  const held = await conveyor.stage({ columns: ['Name'], rows: [[PERSONAL['name in a record']]] })
  await conveyor.waitForState(held, 'Blocked')
  await conveyor.org.clearFaults()
  await conveyor.starters.wakeBulkJob(held)
  expect((await conveyor.waitForEnd(held)).state).toBe('Completed')
  jobIds = [first, second, held]

  // Keys and sessions.
  const made = await ask(
    ...['POST', '/v1/api-keys', { ...bearer, ...json }],
    JSON.stringify({ name: 'second', role: 'viewer' }),
  )
  secrets['second API key'] = CreatedApiKeySchema.parse(JSON.parse(made.said)).key
  const session = await ask('POST', '/v1/session', bearer)
  const [cookie = ''] = (session.headers.get('set-cookie') ?? '').split(';')
  secrets['session token'] = cookie.slice(cookie.indexOf('=') + 1)
  expect((await ask('GET', '/v1/session', { cookie })).status).toBe(200)
  expect((await ask('DELETE', '/v1/session', { cookie })).status).toBe(403)

  // Secrets that webhooks come in by.
  const issue = async (what: string) =>
    (await ask('POST', `/v1/connections/default/${what}`, { ...bearer, ...json }, '{}')).said
  // Both answers are just what these routes promise.
  const issued = JSON.parse(await issue('webhook-secret')) as { secret: string }
  const outbound = JSON.parse(await issue('outbound-message-path')) as { path: string }
  secrets['issued webhook secret'] = issued.secret
  secrets['path of outbound messages'] = outbound.path.slice(outbound.path.lastIndexOf('/') + 1)
  await issue('webhook-secret')
  await ask('POST', outbound.path, { 'content-type': 'text/xml' }, '<not-soap/>')
  await ask('POST', '/v1/connections/default/webhooks', json, '{"ids":')

  // Requests of every kind that are refused, with what they must not repeat.
  const refused = PERSONAL['name in a body that is refused']
  await ask('GET', `/v1/bulk-jobs?api_key=${key}`, bearer)
  await ask('GET', '/v1/bulk-jobs', { authorization: `Bearer ${key.slice(0, -1)}x` })
  await ask('GET', '/v1/bulk-jobs', { cookie: `${cookie}x`, 'x-request-id': key })
  await ask('GET', `/v1/api-keys/${key}`, bearer)
  await ask('POST', '/v1/bulk-jobs', { ...bearer, ...json }, `{"records": [{"Name": "${refused}"`)
  await ask(
    'POST',
    '/v1/codec/decode',
    { ...bearer, ...json },
    `{"payloads": [{"data": "${key}"}]}`,
  )
  await ask(
    ...['POST', '/api/salesforce/bulk/create-job', { ...bearer, ...json }],
    JSON.stringify({ operation: 'insert', data: [{ Name: refused, Nmae: refused }] }),
  )
  expect(refusals.length).toBeGreaterThanOrEqual(8)

  const { path } = await obtainTemporalBinary({ env: process.env, report: () => {} })
  const show = ['workflow', 'show', '--workflow-id', conveyor.workflowId(first), '-o', 'json']
  const server = ['--address', conveyor.temporal.address, '-n', conveyor.temporal.namespace]
  const codec = ['--codec-endpoint', `${api.url}/v1/codec`, '--codec-auth', `Bearer ${key}`]
  shownSealed = (await run(path, [...show, ...server])).stdout
  shownOpened = (await run(path, [...show, ...server, ...codec])).stdout

  refusals.push(await admin('secrets', 'status'), await admin('keys', 'list'))
  await worker.stop()
  await api.child.stop()
}

test('the search finds what it is to find, in whatever form', () => {
  const planted: Planted = { it: 'planted-value/with+signs&more', token: /00D\w{12,15}!\w/ }
  const value = 'planted-value/with+signs&more'
  for (const before of ['', 'x', 'xy', 'xyz']) {
    const bytes = Buffer.from(`${before}${value}${before}`)
    for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      expect(findPlanted(`"${bytes.toString(form)}"`, planted), `${form} ${before}`).toEqual(['it'])
    }
  }
  expect(findPlanted(`a?b=${encodeURIComponent(value)}`, planted)).toEqual(['it'])
  expect(findPlanted('{"t":"00D000000000001AAA!abc"}', planted)).toEqual(['token'])
  expect(findPlanted(Buffer.from('another value').toString('base64'), planted)).toEqual([])
})

describe('no secret is in clear', () => {
  test('in the logs of all processes', () => {
    expect(logs).toContain('"worker ready"')
    expect(logs).toContain('activity failed')
    expect(logs).toContain('"path":"/v1/bulk-jobs"')
    expect(logs).toContain('"path":"/api/auth/salesforce/callback"')
    expect(findPlanted(logs, secrets)).toEqual([])
  })

  test('in the database', () => {
    for (const jobId of jobIds) expect(database).toContain(jobId)
    expect(database).toContain('session.created')
    expect(findPlanted(database, secrets)).toEqual([])
  })

  test('in histories, as they are stored and as they are without sealing', () => {
    expect(temporal.stored).toContain('Encoded failure')
    expect(temporal.opened).toContain('invalid_grant')
    expect(temporal.opened).toContain('exchangeAuthorizationCode')
    for (const jobId of jobIds) expect(temporal.opened).toContain(`{\\"jobId\\":\\"${jobId}\\"`)
    for (const dump of Object.values(temporal)) expect(findPlanted(dump, secrets)).toEqual([])
  })

  test('in what is refused, and on the command line', () => {
    expect(findPlanted(refusals.join('\n'), secrets)).toEqual([])
  })

  test('in the state folder and the folders for a while', () => {
    expect(files.length).toBeGreaterThan(1_000)
    expect(findPlanted(files, secrets)).toEqual([])
  })
})

describe('nothing of people and records', () => {
  test('is in the logs', () => {
    expect(findPlanted(logs, PERSONAL)).toEqual([])
  })

  test('is in ids, types, search attributes and memo of workflows', () => {
    for (const jobId of jobIds) expect(temporal.listed).toContain(jobId)
    expect(temporal.listed).toContain('ConveyorObject')
    expect(findPlanted(temporal.listed, PERSONAL)).toEqual([])
  })

  test('is in payloads and failures, sealed or not', () => {
    expect(findPlanted(temporal.stored, PERSONAL)).toEqual([])
    expect(findPlanted(temporal.opened, PERSONAL)).toEqual([])
  })

  test('is in clear in the database but who asked for a job', () => {
    expect(findPlanted(database, PERSONAL)).toEqual(['user_id of a caller'])
  })

  test('is in the state folder', () => {
    expect(findPlanted(files, PERSONAL)).toEqual([])
  })
})

test('sealed payloads hide whose jobs they are; only failures, ids and search attributes are told', () => {
  for (const jobId of jobIds) expect(temporal.stored).not.toContain(`"jobId\\":\\"${jobId}`)
  expect(temporal.stored).not.toContain('invalid_grant')
  expect(temporal.stored).toContain('binary/conveyor-sealed')
})

test("Temporal's command line shows them by way of the codec endpoint", () => {
  const [jobId = ''] = jobIds
  const input = Buffer.from(JSON.stringify({ jobId })).toString('base64')
  const encoding = Buffer.from('binary/conveyor-sealed').toString('base64')
  expect(shownSealed).toContain(encoding)
  expect(shownSealed).not.toContain(input)
  expect(shownOpened).not.toContain(encoding)
  expect(shownOpened.includes(input) || shownOpened.includes(`"jobId": "${jobId}"`)).toBe(true)
})
