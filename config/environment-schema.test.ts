import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ENVIRONMENT_SECTIONS, environmentSchema } from './environment-schema.ts'
import { factsOf, variable } from './variable.ts'

/** Names that deployments of the earlier service use. */
const HONOURED = [
  'SALESFORCE_CLIENT_ID',
  'SALESFORCE_CLIENT_SECRET',
  'SALESFORCE_REDIRECT_URI',
  'SALESFORCE_ENVIRONMENT',
  'SALESFORCE_WEBHOOK_SECRET',
  'SALESFORCE_WEBHOOK_URL',
  'SALESFORCE_ENABLE_WEBHOOK_NOTIFICATIONS',
  'SALESFORCE_API_VERSION',
  'SALESFORCE_API_TIMEOUT',
  'SALESFORCE_BULK_BATCH_SIZE',
  'SALESFORCE_SLACK_WEBHOOK_URL',
  'SALESFORCE_DISCORD_WEBHOOK_URL',
  'DB_HOST',
  'DB_PORT',
  'DB_NAME',
  'DB_USER',
  'DB_PASSWORD',
  'DATABASE_URL',
  'SALESFORCE_TOKEN_ENCRYPTION_KEY',
  'SALESFORCE_MAX_RETRIES',
  'SALESFORCE_RETRY_DELAY',
  'SALESFORCE_RATE_LIMIT_REQUESTS',
  'SALESFORCE_RATE_LIMIT_WINDOW',
  'SALESFORCE_CACHE_TTL',
  'SALESFORCE_METRICS_PORT',
  'SALESFORCE_RETENTION_DAYS',
  'SALESFORCE_DEBUG',
  'SALESFORCE_LOG_LEVEL',
  'SALESFORCE_ENABLE_REQUEST_LOGGING',
  'SALESFORCE_ENABLE_RESPONSE_LOGGING',
] as const

test('every name of existing deployments is read', () => {
  expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining([...HONOURED]))
})

test('the sections hold every variable once', () => {
  const names = ENVIRONMENT_SECTIONS.flatMap((section) => Object.keys(section.variables))
  expect(names.toSorted()).toEqual(Object.keys(environmentSchema.shape).toSorted())
})

describe.each(Object.entries<z.ZodType>(environmentSchema.shape))('%s', (name, schema) => {
  const facts = factsOf(name, schema)

  test('takes its own example', () => {
    expect(schema.safeParse(facts.example).error?.issues).toBeUndefined()
  })

  test('may be left out', () => {
    expect(schema.safeParse(undefined).success).toBe(true)
  })

  test('is secret where its name says so', () => {
    const named = /SECRET|PASSWORD|_KEY$|TOKEN|SLACK|DISCORD|DATABASE_URL/.test(name)
    expect(facts.secret ?? false).toBe(named)
  })
})

/** Defaults written as values; those in words ("none", "by SALESFORCE_ENVIRONMENT") cannot be read. */
const DEFAULT_VALUES = Object.entries<z.ZodType>(environmentSchema.shape)
  .filter(([name, schema]) => /^[\w.:,]+$/.test(factsOf(name, schema).default))
  .filter(([name, schema]) => factsOf(name, schema).default !== 'none')

test.each(DEFAULT_VALUES)('the default written of %s is the one that holds', (name, schema) => {
  expect(schema.parse(factsOf(name, schema).default)).toEqual(schema.parse(undefined))
})

test('a variable nobody wrote about is an error', () => {
  expect(() => factsOf('X', z.string())).toThrow('Nothing is written about X.')
  expect(factsOf('Y', variable(z.string(), { meaning: 'm', default: 'd', example: 'e' }))).toEqual({
    meaning: 'm',
    default: 'd',
    example: 'e',
  })
})
