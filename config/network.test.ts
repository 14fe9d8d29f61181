import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './environment.ts'

const DATABASE = { DATABASE_URL: 'postgresql://conveyor:pw@127.0.0.1:5432/conveyor' }

/** The variables that are wrong. */
function namesOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ name }) => name)
    throw error
  }
  return []
}

test('origins of pages are exact, and HTTPS can be asked for behind a proxy only', () => {
  const origins = (text: string) =>
    loadConfig({ ...DATABASE, CONVEYOR_CORS_ORIGINS: text }).http.corsOrigins
  expect(origins('https://a.example, http://b.example:8080,https://a.example')).toEqual([
    'https://a.example',
    'http://b.example:8080',
  ])
  for (const wrong of ['*', 'a.example', 'https://a.example/', 'https://A.example', 'null', ',']) {
    expect(namesOf({ ...DATABASE, CONVEYOR_CORS_ORIGINS: wrong })).toEqual([
      'CONVEYOR_CORS_ORIGINS',
    ])
  }
  expect(namesOf({ ...DATABASE, CONVEYOR_REQUIRE_HTTPS: 'true' })).toEqual([
    'CONVEYOR_REQUIRE_HTTPS',
  ])
  const behind = loadConfig({
    ...DATABASE,
    CONVEYOR_TRUSTED_PROXIES: '1',
    SALESFORCE_WEBHOOK_SECRET: 's'.repeat(16),
    SALESFORCE_TOKEN_ENCRYPTION_KEY: 'k'.repeat(32),
  })
  expect(behind.http).toMatchObject({ httpsRequired: true, keysRequired: true })
})

test('a loopback address behind a proxy is as open to others as any address', () => {
  const behind = { ...DATABASE, HOST: '127.0.0.1', CONVEYOR_TRUSTED_PROXIES: '1' }
  expect(namesOf({ ...behind, CONVEYOR_REQUIRE_KEYS: 'false' })).toEqual([
    'CONVEYOR_REQUIRE_KEYS',
    'SALESFORCE_WEBHOOK_SECRET',
    'SALESFORCE_TOKEN_ENCRYPTION_KEY',
  ])
})

test('private addresses may be called in development alone', () => {
  const allowed = { ...DATABASE, CONVEYOR_ALLOW_PRIVATE_ADDRESSES: 'true' }
  expect(namesOf(allowed)).toEqual(['CONVEYOR_ALLOW_PRIVATE_ADDRESSES'])
  expect(loadConfig({ ...allowed, NODE_ENV: 'development' }).allowPrivateAddresses).toBe(true)
})
