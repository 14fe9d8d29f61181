import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startBulkThread } from './bulk/bulk-thread.ts'
import { createFaultBook } from './faults/fault-book.ts'
import { createCallLog } from './http/call-log.ts'
import type { Org } from './http/org-context.ts'
import { createJobFiles, USER_ID } from './org.ts'
import { createSchema } from './schema/schema.ts'
import { createRandom } from './seeded-random.ts'
import { defaultSettings } from './settings.ts'
import {
  type DatabaseLocation,
  openDatabase,
  patientTransaction,
  recordTable,
  transaction,
} from './store/database.ts'
import { createJobStore } from './store/job-store.ts'
import { createRecordStore } from './store/record-store.ts'
import { createRecordWriter } from './store/record-writer.ts'
import { seedUser } from './store/seed-user.ts'
import { createSessionStore } from './store/session-store.ts'

export interface OrgOptions {
  readonly database: DatabaseLocation
  /** Where uploads and query results lie. */
  readonly folder: string
  readonly clientId: string
  readonly clientSecret: string
  /** A refresh token that a new org accepts. */
  readonly refreshToken: string
  readonly baseUrl: () => string
  readonly onError: (error: unknown) => void
}

/** Opens the org's file, starts the thread for bulk jobs, and ties everything together. */
export function createOrg(options: OrgOptions): Org {
  const schema = createSchema()
  // 0: the serving thread never blocks for the other one's transaction, it tries again later.
  const database = openDatabase(options.database, schema, 0)
  const store = createRecordStore(database)
  const sessions = createSessionStore(database, Date.now)
  const files = createJobFiles(options.folder)
  const calls = createCallLog()
  let settings = defaultSettings()
  let random = createRandom(settings.seed)
  // Faults end with the process, but what rows suffered by them is stored: their ids must differ.
  const run = Date.now().toString(36)
  let lastFault = 0
  const faults = createFaultBook(
    () => random,
    () => {
      lastFault += 1
      return `fault-${run}-${lastFault}`
    },
  )

  function seed(): void {
    sessions.addRefreshToken(options.refreshToken)
    seedUser(schema, store)
  }

  transaction(database, seed)
  const bulk = startBulkThread(
    { database: options.database, folder: options.folder, settings },
    options.onError,
  )

  return {
    schema,
    database,
    store,
    writer: createRecordWriter({ schema, store, userId: USER_ID, now: Date.now }),
    jobs: createJobStore(database, Date.now),
    files,
    sessions,
    faults,
    calls,
    bulk,
    credentials: options,
    settings: () => settings,
    changeSettings(change) {
      settings = { ...settings, ...change }
      if (change.seed !== undefined) random = createRandom(change.seed)
      const counterOnly = Object.keys(change).every((name) => name === 'apiUsed')
      if (!counterOnly) bulk.settings(settings)
    },
    baseUrl: options.baseUrl,
    schemaChanged: Date.now(),
    write(work) {
      return patientTransaction(database, () => {
        store.beginTransaction()
        const result = work()
        store.endTransaction()
        return result
      })
    },
    async reset() {
      await patientTransaction(database, () => {
        for (const object of schema.objects) database.exec(`DELETE FROM ${recordTable(object)}`)
        for (const table of ['job', 'job_batch', 'effect_try', 'session', 'refresh_token']) {
          database.exec(`DELETE FROM ${table}`)
        }
        // Numbers of jobs and records go on: an id of before the reset must name nothing.
        seed()
      })
      for (const name of readdirSync(options.folder)) rmSync(join(options.folder, name))
      faults.clear()
      calls.clear()
      settings = defaultSettings()
      random = createRandom(settings.seed)
      bulk.settings(settings)
    },
  }
}
