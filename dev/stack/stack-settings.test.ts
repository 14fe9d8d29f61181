import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readStackSettings } from './stack-settings.ts'

test('without variables all is started here, on the known ports', async () => {
  const state = join(process.cwd(), '.conveyor')
  expect(await readStackSettings({ PORT: '', TEMPORAL_ADDRESS: ' ' })).toEqual({
    stateDirectory: state,
    host: '127.0.0.1',
    apiPort: 5058,
    postgres: { port: 5433, directory: join(state, 'postgres') },
    temporal: {
      ...{ port: 7233, uiPort: 8233, namespace: 'default' },
      databaseFile: join(state, 'temporal.sqlite'),
    },
    simulator: { port: 5059, database: join(state, 'simulator.sqlite') },
  })
})

test('what the environment names is not started here', async () => {
  const settings = await readStackSettings({
    DB_HOST: 'db',
    TEMPORAL_ADDRESS: 'temporal:7233',
    SALESFORCE_REFRESH_TOKEN: 'token',
  })
  expect(settings).toMatchObject({ postgres: null, temporal: null, simulator: null })
})

test('where payloads are sealed the Temporal UI is told who opens them', async () => {
  const { temporal } = await readStackSettings({ PORT: '8080', CONVEYOR_SEAL_PAYLOADS: 'True' })
  expect(temporal?.codecEndpoint).toBe('http://127.0.0.1:8080/v1/codec')
})

test('port 0 takes a free one', async () => {
  const { apiPort, simulator } = await readStackSettings({
    PORT: '0',
    CONVEYOR_SIMULATOR_PORT: '0',
  })
  expect(apiPort).toBeGreaterThan(1023)
  expect(simulator?.port).toBeGreaterThan(1023)
  expect(simulator?.port).not.toBe(apiPort)
})

test('all ports that are none are named at once', async () => {
  const reading = readStackSettings({ PORT: '80a', CONVEYOR_POSTGRES_PORT: '65536', HOST: '::1' })
  await expect(reading).rejects.toThrow('PORT is "80a", CONVEYOR_POSTGRES_PORT is "65536"')
})
