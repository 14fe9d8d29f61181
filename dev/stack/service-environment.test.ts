import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../config/environment.ts'
import {
  serviceEnvironment,
  simulatorEnvironment,
  workerEnvironment,
} from './service-environment.ts'
import { readStackSettings } from './stack-settings.ts'

const secrets = {
  postgresPassword: 'p'.repeat(32),
  webhookSecret: 'w'.repeat(32),
  encryptionKey: 'e'.repeat(32),
  simulatorClientSecret: 's'.repeat(32),
}
const database = 'postgres://conveyor:p@127.0.0.1:5433/conveyor'

async function configOf(env: NodeJS.ProcessEnv, databaseUrl: string | undefined = database) {
  return loadConfig(serviceEnvironment(env, await readStackSettings(env), secrets, databaseUrl))
}

describe('the services', () => {
  test('use the local stack where nothing is set', async () => {
    const config = await configOf({
      NODE_ENV: 'production',
      SALESFORCE_REDIRECT_URI: 'https://a.example/b',
    })
    expect(config).toMatchObject({
      mode: 'development',
      salesforce: {
        ...{ clientSecret: secrets.simulatorClientSecret, redirectUri: null },
        ...{ loginUrl: 'http://127.0.0.1:5059', allowAnyLoginHost: true },
      },
      webhooks: { secrets: [secrets.webhookSecret] },
      database: { url: database },
      encryption: { keys: [secrets.encryptionKey] },
      http: { host: '127.0.0.1', port: 5058 },
      temporal: {
        ...{ address: '127.0.0.1:7233', apiKey: null, tls: false },
        takeOverNamespace: true,
      },
      temporalUiUrl: 'http://127.0.0.1:8233',
    })
  })

  test('run with small heaps, unless the person says otherwise', async () => {
    const optionsWith = async (env: NodeJS.ProcessEnv) =>
      serviceEnvironment(env, await readStackSettings(env), secrets, database)['NODE_OPTIONS']
    expect(await optionsWith({})).toMatch(/--max-old-space-size=\d+$/)
    // Node takes the last of several.
    const own = '--max-old-space-size=4096'
    expect(await optionsWith({ NODE_OPTIONS: own })).toMatch(new RegExp(` ${own}$`))
  })

  test('keep what the person set', async () => {
    const own = {
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 'secret',
      SALESFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
      SALESFORCE_WEBHOOK_SECRET: 'v'.repeat(32),
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      DATABASE_URL: 'postgres://u:p@db.example.com/c',
      NODE_ENV: 'production',
    }
    expect(await configOf(own, undefined)).toMatchObject({
      mode: 'production',
      salesforce: {
        ...{ clientId: 'id', loginUrl: own.SALESFORCE_LOGIN_URL, allowAnyLoginHost: false },
      },
      webhooks: { secrets: [own.SALESFORCE_WEBHOOK_SECRET] },
      temporal: { address: own.TEMPORAL_ADDRESS, takeOverNamespace: false },
      temporalUiUrl: null,
    })
  })
})

test('each worker serves its queue, and two do not share a metrics port', () => {
  const service = { SALESFORCE_METRICS_PORT: '9464' }
  expect(workerEnvironment(service, 'conveyor,pump')).toEqual({
    ...service,
    WORKER_QUEUES: 'conveyor,pump',
  })
  expect(workerEnvironment(service, 'salesforce')).toEqual({
    SALESFORCE_METRICS_PORT: '9465',
    WORKER_QUEUES: 'salesforce',
  })
  expect(workerEnvironment({}, 'salesforce')).toEqual({ WORKER_QUEUES: 'salesforce' })
})

test('the simulator takes the credentials that the services use', async () => {
  const settings = await readStackSettings({})
  if (settings.simulator === null) throw new Error('No simulator is to be started.')
  const service = serviceEnvironment({}, settings, secrets, database)
  const simulator = simulatorEnvironment({}, settings.simulator, settings.apiPort, secrets)
  expect(simulator['SIMULATOR_CLIENT_ID']).toBe(service['SALESFORCE_CLIENT_ID'])
  expect(simulator['SIMULATOR_CLIENT_SECRET']).toBe(service['SALESFORCE_CLIENT_SECRET'])
  expect(simulator['SIMULATOR_REDIRECT_URIS']).toContain(
    'http://localhost:5058/api/auth/salesforce/callback',
  )
  expect(simulator['SIMULATOR_SEED']).toBe('demo')
  const own = { SIMULATOR_SEED: 'none' }
  const bare = simulatorEnvironment(own, settings.simulator, settings.apiPort, secrets)
  expect(bare['SIMULATOR_SEED']).toBe('none')
})
