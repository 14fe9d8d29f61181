import { describe, expect, test } from 'vitest'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { loadConfig } from './environment.ts'

const DATABASE = { DATABASE_URL: 'postgresql://conveyor:pw@127.0.0.1:5432/conveyor' }

function problemsOf(environment: Record<string, string>): readonly ConfigProblem[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const namesOf = (environment: Record<string, string>) =>
  problemsOf(environment).map((problem) => problem.name)

test('a database is all that is needed, and the rest has its defaults', () => {
  const config = loadConfig(DATABASE)
  expect(config.mode).toBe('production')
  expect(config.database.url).toBe(DATABASE.DATABASE_URL)
  expect(config.http).toEqual({
    host: '127.0.0.1',
    port: 5058,
    loopbackOnly: true,
    keysRequired: false,
    trustedProxies: 0,
    webhookAllowlist: [],
    httpsRequired: false,
    corsOrigins: [],
    drainDelayMs: 0,
    publicUrl: null,
  })
  expect(config.salesforce).toMatchObject({
    loginUrl: 'https://login.salesforce.com',
    apiVersion: '67.0',
    bulkBatchSize: 200,
    apiTimeoutMs: 30_000,
  })
  expect(config.bulk).toMatchObject({ lanes: 4, reserveFraction: 0.1, loadMaxRows: 100_000 })
  expect(config.cache).toEqual({ metadataTtlMs: 86_400_000, analyticsTtlMs: 3_600_000 })
  expect(config.worker.queues).toEqual(['conveyor', 'salesforce', 'pump'])
})

test('settings cannot be changed on the way', () => {
  const config = loadConfig(DATABASE)
  expect(Object.isFrozen(config)).toBe(true)
  expect(Object.isFrozen(config.salesforce)).toBe(true)
  expect(Object.isFrozen(config.worker.queues)).toBe(true)
})

test('an empty or blank variable is an unset one', () => {
  const config = loadConfig({ ...DATABASE, PORT: '', DB_HOST: ' ', SALESFORCE_CLIENT_ID: '' })
  expect(config.http.port).toBe(5058)
  expect(config.salesforce.clientId).toBeNull()
})

test('units are applied', () => {
  const config = loadConfig({
    ...DATABASE,
    SALESFORCE_API_TIMEOUT: '2.5',
    SALESFORCE_RETRY_DELAY: '0',
    SALESFORCE_CACHE_TTL: '7200',
    CONVEYOR_LOAD_MAX_BYTES: '20MB',
    CONVEYOR_STAGING_QUOTA: '2 GiB',
    SALESFORCE_API_VERSION: 'v66',
    WORKER_QUEUES: ' salesforce , salesforce',
    CONVEYOR_TEMPORAL_UI_URL: 'http://127.0.0.1:8233/',
  })
  expect(config.salesforce.apiTimeoutMs).toBe(2_500)
  expect(config.salesforce.retryDelayMs).toBe(0)
  expect(config.cache).toEqual({ metadataTtlMs: 7_200_000, analyticsTtlMs: 7_200_000 })
  expect(config.bulk.loadMaxBytes).toBe(20_000_000)
  expect(config.bulk.stagingQuotaBytes).toBe(2 * 2 ** 30)
  expect(config.salesforce.apiVersion).toBe('66.0')
  expect(config.worker.queues).toEqual(['salesforce'])
  expect(config.temporalUiUrl).toBe('http://127.0.0.1:8233')
})

test('everything that is wrong is listed at once, by single values and across them', () => {
  const names = namesOf({
    PORT: '70000',
    SALESFORCE_BULK_BATCH_SIZE: '0',
    SALESFORCE_RETENTION_DAYS: '2',
    SALESFORCE_DEBUG: 'perhaps',
    SALESFORCE_LOG_LEVEL: 'loud',
    CONVEYOR_API_RESERVE: '1.5',
    CONVEYOR_LOAD_MAX_BYTES: '5XB',
    WORKER_QUEUES: 'conveyor,other',
    TEMPORAL_ADDRESS: 'http://temporal:7233',
    HOST: '0.0.0.0',
    DB_HOST: 'db',
  })
  expect(names.toSorted()).toEqual(
    [
      'CONVEYOR_API_RESERVE',
      'CONVEYOR_LOAD_MAX_BYTES',
      'DB_NAME',
      'DB_USER',
      'PORT',
      'SALESFORCE_BULK_BATCH_SIZE',
      'SALESFORCE_DEBUG',
      'SALESFORCE_LOG_LEVEL',
      'SALESFORCE_RETENTION_DAYS',
      'SALESFORCE_TOKEN_ENCRYPTION_KEY',
      'SALESFORCE_WEBHOOK_SECRET',
      'TEMPORAL_ADDRESS',
      'WORKER_QUEUES',
    ].toSorted(),
  )
})

test('a variable that cannot be read is named once, not also as missing', () => {
  expect(namesOf({ DATABASE_URL: 'mysql://h/d' })).toEqual(['DATABASE_URL'])
  expect(
    namesOf({ ...DATABASE, HOST: '0.0.0.0', SALESFORCE_TOKEN_ENCRYPTION_KEY: 'short' }),
  ).toEqual(['SALESFORCE_TOKEN_ENCRYPTION_KEY', 'SALESFORCE_WEBHOOK_SECRET'])
})

test('no value stands in a message, least of all a secret', () => {
  const marks = {
    DATABASE_URL: 'mysql://user:MARK-1@h/d',
    SALESFORCE_TOKEN_ENCRYPTION_KEY: 'MARK-2',
    SALESFORCE_CLIENT_SECRET: 'MARK-3',
    SALESFORCE_REFRESH_TOKEN: 'MARK-4',
    SALESFORCE_SLACK_WEBHOOK_URL: 'http://MARK-5',
    SALESFORCE_WEBHOOK_SECRET: 'MARK-6',
    DB_PASSWORD: 'MARK-7',
    TEMPORAL_API_KEY: 'MARK-8',
    TEMPORAL_TLS: 'no',
    SALESFORCE_LOGIN_URL: 'https://MARK-9:MARK-9@login.salesforce.com',
  }
  try {
    loadConfig(marks)
    expect.unreachable()
  } catch (error) {
    expect(String(error)).not.toContain('MARK')
    expect(JSON.stringify(error)).not.toContain('MARK')
  }
})

describe('the database', () => {
  test('is composed of its parts, with what is special in them escaped', () => {
    const config = loadConfig({
      DB_HOST: '::1',
      DB_NAME: 'my db',
      DB_USER: 'me@home',
      DB_PASSWORD: 'p:w/d',
    })
    const url = new URL(config.database.url)
    expect(url.hostname).toBe('[::1]')
    expect(url.port).toBe('5432')
    expect(decodeURIComponent(url.username)).toBe('me@home')
    expect(decodeURIComponent(url.password)).toBe('p:w/d')
    expect(decodeURIComponent(url.pathname)).toBe('/my db')
  })

  test('is refused in two ways of writing at once, and where it is missing', () => {
    expect(namesOf({ ...DATABASE, DB_HOST: 'other', DB_PORT: '1' })).toEqual(['DB_HOST', 'DB_PORT'])
    expect(namesOf({})).toEqual(['DATABASE_URL'])
    expect(namesOf({ DB_NAME: 'x' })).toEqual(['DB_HOST', 'DB_USER'])
  })
})

describe('credentials', () => {
  const APP = { SALESFORCE_CLIENT_ID: 'id', SALESFORCE_CLIENT_SECRET: 'secret' }

  test('alone need a My Domain', () => {
    expect(namesOf({ ...DATABASE, ...APP })).toEqual(['SALESFORCE_LOGIN_URL'])
    expect(
      namesOf({ ...DATABASE, ...APP, SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com' }),
    ).toEqual([])
  })

  test('with a refresh token or a redirect address do not', () => {
    expect(namesOf({ ...DATABASE, ...APP, SALESFORCE_REFRESH_TOKEN: 't' })).toEqual([])
    expect(
      namesOf({ ...DATABASE, ...APP, SALESFORCE_REDIRECT_URI: 'https://c.example.com/cb' }),
    ).toEqual([])
  })

  test('in part are refused', () => {
    expect(namesOf({ ...DATABASE, SALESFORCE_CLIENT_ID: 'id' })).toEqual([
      'SALESFORCE_CLIENT_SECRET',
    ])
    expect(namesOf({ ...DATABASE, SALESFORCE_REFRESH_TOKEN: 't' })).toEqual([
      'SALESFORCE_CLIENT_ID',
    ])
  })
})

describe('the login host', () => {
  const loginUrl = (environment: Record<string, string>) =>
    loadConfig({ ...DATABASE, ...environment }).salesforce.loginUrl

  test('goes by the environment, or by its own variable before that', () => {
    expect(loginUrl({ SALESFORCE_ENVIRONMENT: 'Sandbox' })).toBe('https://test.salesforce.com')
    expect(loginUrl({ SALESFORCE_ENVIRONMENT: 'https://acme.my.salesforce.com/' })).toBe(
      'https://acme.my.salesforce.com',
    )
    expect(
      loginUrl({
        SALESFORCE_ENVIRONMENT: 'sandbox',
        SALESFORCE_LOGIN_URL: 'https://acme--qa.sandbox.my.salesforce.com',
      }),
    ).toBe('https://acme--qa.sandbox.my.salesforce.com')
  })

  test.each([
    'http://login.salesforce.com',
    'https://login.salesforce.com.evil.example',
    'https://evilsalesforce.com',
    'https://salesforce.com@evil.example',
    'https://login.salesforce.com:8443',
    'https://login.salesforce.com/services',
    'https://127.0.0.1',
  ])('%s is refused', (address) => {
    expect(namesOf({ ...DATABASE, SALESFORCE_LOGIN_URL: address })).toEqual([
      'SALESFORCE_LOGIN_URL',
    ])
    expect(namesOf({ ...DATABASE, SALESFORCE_ENVIRONMENT: address })).toEqual([
      'SALESFORCE_ENVIRONMENT',
    ])
  })

  test('may be any with the switch, which production refuses', () => {
    const simulated = {
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 'secret',
      SALESFORCE_LOGIN_URL: 'http://127.0.0.1:4004',
      CONVEYOR_ALLOW_ANY_LOGIN_HOST: 'true',
    }
    expect(loginUrl({ ...simulated, NODE_ENV: 'development' })).toBe('http://127.0.0.1:4004')
    expect(namesOf({ ...DATABASE, ...simulated })).toEqual(['CONVEYOR_ALLOW_ANY_LOGIN_HOST'])
  })
})

describe('listening', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('on %s is open', (HOST) => {
    expect(namesOf({ ...DATABASE, HOST })).toEqual([])
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', 'conveyor.example.com', '127.0.0.1.example.com'])(
    'on %s needs secrets',
    (HOST) => {
      expect(namesOf({ ...DATABASE, HOST })).toEqual([
        'SALESFORCE_WEBHOOK_SECRET',
        'SALESFORCE_TOKEN_ENCRYPTION_KEY',
      ])
      expect(
        namesOf({
          ...DATABASE,
          HOST,
          SALESFORCE_WEBHOOK_SECRET: 'w'.repeat(16),
          SALESFORCE_TOKEN_ENCRYPTION_KEY: 'k'.repeat(32),
        }),
      ).toEqual([])
    },
  )
})

test('a loopback address behind a proxy is no closed one', () => {
  const secrets = {
    SALESFORCE_WEBHOOK_SECRET: 'w'.repeat(16),
    SALESFORCE_TOKEN_ENCRYPTION_KEY: 'k'.repeat(32),
  }
  const loopbackOnly = (more: Record<string, string>) =>
    loadConfig({ ...DATABASE, ...secrets, ...more }).http.loopbackOnly
  expect(loopbackOnly({ HOST: '127.0.0.1', CONVEYOR_REQUIRE_KEYS: 'true' })).toBe(true)
  expect(loopbackOnly({ HOST: '127.0.0.1', CONVEYOR_TRUSTED_PROXIES: '1' })).toBe(false)
  expect(loopbackOnly({ HOST: '0.0.0.0' })).toBe(false)
})

test('an API key turns TLS on, and is never sent in clear', () => {
  expect(loadConfig({ ...DATABASE, TEMPORAL_API_KEY: 'k' }).temporal.tls).toBe(true)
  expect(loadConfig(DATABASE).temporal.tls).toBe(false)
  expect(namesOf({ ...DATABASE, TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: '0' })).toEqual([
    'TEMPORAL_TLS',
  ])
})

test('a failpoint is taken in development and tests only', () => {
  const armed = { ...DATABASE, CONVEYOR_FAILPOINT: 'load.uploaded' }
  expect(namesOf(armed)).toEqual(['CONVEYOR_FAILPOINT'])
  expect(loadConfig({ ...armed, NODE_ENV: 'test' }).failpoint).toBe('load.uploaded')
})

test.each([
  [{}, 'info'],
  [{ SALESFORCE_DEBUG: 'true' }, 'debug'],
  [{ SALESFORCE_DEBUG: 'true', SALESFORCE_LOG_LEVEL: 'ERROR' }, 'error'],
  [{ SALESFORCE_LOG_LEVEL: 'WARNING' }, 'warn'],
  [{ SALESFORCE_LOG_LEVEL: 'CRITICAL' }, 'fatal'],
])('log level of %o is %s', (environment, level) => {
  expect(loadConfig({ ...DATABASE, ...environment }).log.level).toBe(level)
})
