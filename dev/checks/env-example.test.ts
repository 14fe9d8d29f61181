import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { loadConfig } from '../../config/environment.ts'
import { environmentSchema } from '../../config/environment-schema.ts'
import { envExample } from './env-example.ts'

/** The examples as they would be with every line uncommented. */
const uncommented = () =>
  parseEnv(envExample().replace(/^#(?=[A-Z][A-Z_]*=)/gm, '')) as Record<string, string>

test('as it stands it sets nothing', () => {
  expect(parseEnv(envExample())).toEqual({})
})

test('it holds every variable of the schema', () => {
  expect(Object.keys(uncommented()).toSorted()).toEqual(
    Object.keys(environmentSchema.shape).toSorted(),
  )
})

test('its values are read without a complaint, but for two ways to name one database, and its secrets', () => {
  const values = Object.fromEntries(
    Object.entries(uncommented()).filter(([name]) => !name.startsWith('DB_')),
  )
  const own = {
    SALESFORCE_WEBHOOK_SECRET: 's'.repeat(16),
    CONVEYOR_WEBHOOK_SECRET_PREVIOUS: 'p'.repeat(16),
    SALESFORCE_TOKEN_ENCRYPTION_KEY: 'k'.repeat(32),
  }
  expect(loadConfig({ ...values, ...own }).http.host).toBe('0.0.0.0')
  for (const name of [
    'SALESFORCE_WEBHOOK_SECRET',
    'CONVEYOR_WEBHOOK_SECRET_PREVIOUS',
    'SALESFORCE_TOKEN_ENCRYPTION_KEY',
  ] as const) {
    const published = { ...values, ...own, [name]: values[name] ?? '' }
    expect(() => loadConfig(published)).toThrow(`${name}: is the example of .env.example`)
  }
  const replaced = [own, values].map((each) => each['SALESFORCE_TOKEN_ENCRYPTION_KEY']).join(',')
  const changing = { ...values, ...own, SALESFORCE_TOKEN_ENCRYPTION_KEY: replaced }
  expect(loadConfig(changing).encryption.keys).toHaveLength(2)
})
