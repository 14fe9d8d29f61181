import type { StackSecrets } from './stack-secrets.ts'
import type { StackSettings } from './stack-settings.ts'

/** Where everything of a running stack is found, for the terminal. */
export function addressTable(settings: StackSettings, databaseUrl: string | undefined): string {
  const { host, apiPort, temporal, simulator } = settings
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const api = `http://${name.includes(':') ? `[${name}]` : name}:${apiPort}`
  return rows([
    ['API', api],
    ['Reference', `${api}/docs`],
    ...(temporal === null
      ? []
      : [
          ['Temporal UI', `http://127.0.0.1:${temporal.uiPort}`],
          ['Temporal', `127.0.0.1:${temporal.port}`],
        ]),
    ...(simulator === null ? [] : [['Simulator', `http://127.0.0.1:${simulator.port}`]]),
    ...(databaseUrl === undefined ? [] : [['Postgres', databaseUrl]]),
  ])
}

/** The secrets that were made up, to be shown once. */
export function secretTable({ simulator }: StackSettings, secrets: StackSecrets): string {
  return rows([
    ['Webhook secret', secrets.webhookSecret],
    ['Encryption key', secrets.encryptionKey],
    ...(simulator === null ? [] : [['Simulator client secret', secrets.simulatorClientSecret]]),
  ])
}

function rows(table: readonly (readonly string[])[]): string {
  const width = Math.max(...table.map(([label = '']) => label.length))
  return table.map(([label = '', value]) => `  ${label.padEnd(width)}  ${value}`).join('\n')
}
