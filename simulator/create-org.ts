import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startBulkThread } from './bulk/bulk-thread.ts'
import { createFaultBook } from './faults/fault-book.ts'
import { createCallLog } from './http/call-log.ts'
import type { Org } from './http/org-context.ts'
import { createLockTable } from './locks/lock-table.ts'
import { createLockingWriter } from './locks/locking-writer.ts'
import { createOauth, type DefaultApp } from './oauth/create-oauth.ts'
import { createJobFiles } from './org.ts'
import { createPushes } from './push/pushes.ts'
import { createRecentViews } from './rest/recent-views.ts'
import { createConfiguredRules } from './rules/configured-rules.ts'
import type { SchemaFile } from './schema/custom-schema.ts'
import { definitionsOf } from './schema/define-custom.ts'
import { createSchema } from './schema/schema.ts'
import { orgRecords } from './seed/org-records.ts'
import { loadRecords, type SeedRecord } from './seed/seed-record.ts'
import { createRandom } from './seeded-random.ts'
import { defaultSettings } from './settings.ts'
import { createOpenCursors } from './soql/open-cursors.ts'
import { createBulkUseStore } from './store/bulk-use.ts'
import {
  type DatabaseLocation,
  openDatabase,
  patientTransaction,
  recordTable,
  transaction,
} from './store/database.ts'
import { createDefinitionStore } from './store/definition-store.ts'
import { createJobStore } from './store/job-store.ts'
import { createRecordStore } from './store/record-store.ts'
import { createRecordWriter } from './store/record-writer.ts'
import { createSessionStore } from './store/session-store.ts'

export interface OrgOptions extends DefaultApp {
  readonly database: DatabaseLocation
  /** Where uploads and query results lie. */
  readonly folder: string
  readonly baseUrl: () => string
  readonly onError: (error: unknown) => void
  /** What a new org holds, apart from its administrator. */
  readonly records: () => Iterable<SeedRecord>
  /** Objects and fields that the org has from its start. */
  readonly schema: SchemaFile
}

/** Opens the org's file, starts the thread for bulk jobs, and ties everything together. */
export function createOrg(options: OrgOptions): Org {
  const schema = createSchema()
  // 0: the serving thread never blocks for the other one's transaction, it tries again later.
  const database = openDatabase(options.database, schema, 0)
  const definitions = createDefinitionStore(database)
  definitions.load(schema)
  const store = createRecordStore(database)
  const rules = createConfiguredRules(database, schema)
  const userObject = schema.object('User')
  if (userObject === null) throw new Error('the schema has no User')
  const sessions = createSessionStore(database, () => Date.now())
  const oauth = createOauth(database, schema, store, sessions, options)
  const files = createJobFiles(options.folder)
  const calls = createCallLog()
  const recentViews = createRecentViews()
  const cursors = createOpenCursors()
  let settings = defaultSettings()
  const jobClock = (): number => Date.now() + settings.jobClockOffsetMs
  let pushRandom = createRandom(settings.seed)
  // Faults end with the process, but what rows suffered by them is stored: their ids must differ.
  const run = Date.now().toString(36)
  let lastFault = 0
  const faults = createFaultBook(settings.seed, () => {
    lastFault += 1
    return `fault-${run}-${lastFault}`
  })

  const reseed = (seed: number): void => {
    pushRandom = createRandom(seed)
    faults.reseed(seed)
  }

  /** Fills an org that has no users, and so is new or was emptied. */
  const seed = (): void => {
    oauth.seed()
    if (store.count(userObject) > 0) return
    loadRecords(schema, store, orgRecords())
    loadRecords(schema, store, options.records())
  }

  /** Adds what the org is started with, where it is not there yet. */
  const extendSchema = (): void => {
    const at = Date.now()
    definitionsOf(
      schema,
      options.schema,
      (object) => store.count(object) > 0,
      (object) => {
        definitions.save(object, at)
        schema.define(object, at)
      },
    )
  }

  transaction(database, () => {
    extendSchema()
    seed()
  })
  rules.load()
  // Before the other thread opens the file: tables that both use are made once.
  const pushes = createPushes({
    database,
    schema,
    store,
    faults,
    settings: () => settings,
    random: () => pushRandom,
    baseUrl: options.baseUrl,
    sessions: {
      open: (userNumber) =>
        patientTransaction(database, () => {
          const { clientId } = options
          return sessions.open({ userNumber, clientId, approval: null, scopes: ['api'] })
        }),
      isLive: (token) => sessions.find(token, settings.sessionSeconds) !== null,
    },
    onError: options.onError,
  })
  const jobs = createJobStore(database, jobClock)
  const bulkUse = createBulkUseStore(database, jobClock)
  const locks = createLockTable(database)
  const bulk = startBulkThread(
    { database: options.database, folder: options.folder, settings },
    options.onError,
  )

  return {
    schema,
    database,
    store,
    writer: createLockingWriter({
      writer: createRecordWriter({
        schema,
        store,
        rules: rules.book,
        observers: [pushes.observe],
      }),
      store,
      locks,
      settings: () => settings,
    }),
    definitions,
    rules,
    jobs,
    bulkUse,
    files,
    sessions,
    oauth,
    faults,
    calls,
    pushes,
    recentViews,
    cursors,
    bulk,
    settings: () => settings,
    changeSettings(change) {
      settings = { ...settings, ...change }
      if (change.seed !== undefined) reseed(change.seed)
      const counterOnly = Object.keys(change).every((name) => name === 'apiUsed')
      if (!counterOnly) bulk.settings(settings)
    },
    baseUrl: options.baseUrl,
    async defineObject(object) {
      const at = Date.now()
      await patientTransaction(database, () => definitions.save(object, at))
      definitions.load(schema)
      rules.load()
      // Before any job that is made from now on: messages keep their order.
      bulk.schemaChanged()
    },
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
        for (const table of [
          'job',
          'job_batch',
          'effect_try',
          'cleared_lookup',
          'bulk_use',
          'row_lock',
        ]) {
          database.exec(`DELETE FROM ${table}`)
        }
        definitions.clear()
        pushes.clear()
        rules.clear()
        oauth.clear()
        schema.clear()
        extendSchema()
        // Numbers of jobs and records go on: an id of before the reset must name nothing.
        seed()
      })
      definitions.load(schema)
      rules.load()
      bulk.schemaChanged()
      for (const name of readdirSync(options.folder)) {
        // The other thread may have renamed or removed it just now.
        rmSync(join(options.folder, name), { force: true })
      }
      faults.clear()
      calls.clear()
      recentViews.clear()
      cursors.clear()
      settings = defaultSettings()
      reseed(settings.seed)
      bulk.settings(settings)
    },
  }
}
