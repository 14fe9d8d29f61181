import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { createOrg } from './create-org.ts'
import { createApp } from './http/app.ts'
import { type SchemaFileInput, schemaFileSchema } from './schema/custom-schema.ts'
import type { SeedRecord } from './seed/seed-record.ts'

/** How an org is started. Everything has a default. */
export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number
  readonly host?: string
  /** A file that is made when it is missing; `:memory:` for an org that ends with the process. */
  readonly database?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly refreshToken?: string
  /** Where the default app's users may be sent back to. */
  readonly redirectUris?: readonly string[]
  /** Address that callers reach the org at, where it is not the one it listens on: in a container. */
  readonly publicUrl?: string
  /** What a new org holds, apart from its administrator; nothing by default. */
  readonly records?: () => Iterable<SeedRecord>
  /** Objects and fields that the org has from its start; what is there already stays as it is. */
  readonly schema?: SchemaFileInput
  /** Told of errors that no caller caused; the default throws them, which ends the process. */
  readonly onError?: (error: unknown) => void
}

export interface Simulator {
  /** Without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Lets the batches in hand be committed, then stops serving. */
  close(): Promise<void>
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Starts an org. Rejects when the port is taken or the file cannot be opened. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1'
  const inMemory = options.database === undefined || options.database === ':memory:'
  // Two threads share the database, which a database in memory does not allow.
  const folder = inMemory ? mkdtempSync(join(tmpdir(), 'salesforce-simulator-')) : null
  const database = folder === null ? String(options.database) : join(folder, 'org.sqlite')
  const uploads = `${database}.files`
  mkdirSync(uploads, { recursive: true })
  const onError = options.onError ?? throwLater
  let url = ''
  const org = createOrg({
    database: { path: database, durable: folder === null },
    folder: uploads,
    clientId: options.clientId ?? 'simulator-client',
    clientSecret: options.clientSecret ?? 'simulator-secret',
    refreshToken: options.refreshToken ?? 'simulator-refresh-token',
    ...(options.redirectUris === undefined ? {} : { redirectUris: options.redirectUris }),
    baseUrl: () => options.publicUrl?.replace(/\/+$/, '') ?? url,
    onError,
    records: options.records ?? (() => []),
    schema: schemaFileSchema.parse(options.schema ?? {}),
  })
  const app = createApp(org, onError)
  // No total limit on a request: uploads may be slow.
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { requestTimeout: 0 } })

  async function cleanUp(): Promise<void> {
    await org.bulk.stop()
    await org.pushes.stop()
    org.database.close()
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }

  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, host, () => resolve())
    })
  } catch (error) {
    await cleanUp()
    throw error
  }
  // A server that listens on a TCP port has an AddressInfo.
  const { port } = server.address() as AddressInfo
  // An address with colons needs brackets before a port.
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  org.pushes.start()
  return {
    url,
    port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
      await cleanUp()
    },
  }
}
