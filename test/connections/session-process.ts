import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { loadConfig } from '../../config/environment.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { openDatabase } from '../../db/database.ts'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createFailpoint } from '../../worker/failpoint.ts'
import { createSalesforceConnections } from '../../worker/salesforce-connections.ts'

/**
 * A process that calls Salesforce over the default connection as a worker does. Each line of its input is a number of
 * requests to make at once, or `take-over`; each line of its output what became of them.
 */
const config = loadConfig(process.env)
const database = await openDatabase({ url: config.database.url, poolSize: 4, onError: () => {} })
const connections = createSalesforceConnections({
  config,
  database,
  sealing: createSealing(config.encryption.keys.map(deriveSealingKey)),
  logger: pino({ level: 'warn' }, pino.destination(2)),
  failpoint: createFailpoint(config.failpoint),
})

async function request(): Promise<string> {
  try {
    const client = await connections.clientFor(DEFAULT_CONNECTION_ID)
    await client.limits()
    return 'ok'
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const outcomes =
    line === 'take-over'
      ? await connections.takeOverGranted().then(() => ['taken over'])
      : await Promise.all(Array.from({ length: Number(line) }, request))
  process.stdout.write(`${JSON.stringify(outcomes)}\n`)
}
await connections.close()
await database.end()
