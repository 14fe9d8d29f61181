import type { DatabaseSync } from 'node:sqlite'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { BulkThread } from '../bulk/bulk-thread.ts'
import type { CallAction } from '../faults/call-action.ts'
import type { FaultBook } from '../faults/fault-book.ts'
import type { Oauth } from '../oauth/create-oauth.ts'
import type { JobFiles } from '../org.ts'
import type { Pushes } from '../push/pushes.ts'
import type { RecentViews } from '../rest/recent-views.ts'
import type { ConfiguredRules } from '../rules/configured-rules.ts'
import type { WriteContext } from '../rules/object-rules.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import type { Settings } from '../settings.ts'
import type { OpenCursors } from '../soql/open-cursors.ts'
import type { BulkUseStore } from '../store/bulk-use.ts'
import type { DefinitionStore } from '../store/definition-store.ts'
import type { JobStore } from '../store/job-store.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { RecordWriter } from '../store/record-writer.ts'
import type { SessionStore } from '../store/session-store.ts'
import type { CallLog } from './call-log.ts'

/** Everything that the routes work on. */
export interface Org {
  readonly schema: Schema
  readonly database: DatabaseSync
  readonly store: RecordStore
  readonly writer: RecordWriter
  readonly definitions: DefinitionStore
  readonly rules: ConfiguredRules
  readonly jobs: JobStore
  /** What ingest jobs took out of the day's allowance. */
  readonly bulkUse: BulkUseStore
  readonly files: JobFiles
  readonly sessions: SessionStore
  readonly oauth: Oauth
  readonly faults: FaultBook
  readonly calls: CallLog
  readonly pushes: Pushes
  readonly recentViews: RecentViews
  /** Queries whose further pages may be read. */
  readonly cursors: OpenCursors
  readonly bulk: BulkThread
  settings(): Settings
  changeSettings(change: Partial<Settings>): void
  /** The address that the org listens on, without a slash at the end. */
  baseUrl(): string
  /** Adds an object, or puts it in the place of the one with its name, in all threads. */
  defineObject(object: ObjectDefinition): Promise<void>
  /** One write transaction; waits while a batch is being committed. */
  write<T>(work: () => T): Promise<T>
  /** Throws all data away. */
  reset(): Promise<void>
}

/** Variables that the pipeline hands to the routes. */
export interface CallVariables {
  readonly callName: string
  readonly faults: readonly CallAction[]
  /** The number of the session's User record; 0 where a call needs no session. */
  readonly userNumber: number
  /** The body of a job's PATCH, read early because it names the call. */
  readonly patchBody: unknown
}

export interface OrgEnv {
  Bindings: HttpBindings
  Variables: CallVariables
}

export type OrgContext = Context<OrgEnv>

/** Who makes this call, and now. */
export function writeContext(c: OrgContext): WriteContext {
  return { stamp: { at: Date.now(), by: c.var.userNumber }, source: 'rest' }
}
