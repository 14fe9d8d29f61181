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

test('its values are read without a complaint, but for two ways to name one database', () => {
  const values = Object.entries(uncommented()).filter(([name]) => !name.startsWith('DB_'))
  expect(loadConfig(Object.fromEntries(values)).http.host).toBe('0.0.0.0')
})
