import type { ChannelKind } from '../contracts/notification.ts'
import type { Database } from '../db/database.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { SafeFetch } from '../outbound/safe-fetch.ts'
import type { SalesforceClient } from '../salesforce/client.ts'
import type { SalesforceSession } from '../salesforce/token-answer.ts'
import type { TokenEndpoint } from '../salesforce/token-endpoint.ts'
import type { Sealing } from '../security/sealing.ts'
import type { Deliverer } from './delivery/deliverer.ts'
import type { ScheduleOptions } from './delivery/retry-schedule.ts'
import type { DigestSettings } from './notification/plan-digest.ts'
import type { PumpSignals } from './pump/pump-signals.ts'

/** The parts of a structured logger that activities use; pino's order of arguments. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Salesforce clients by connection; each with the session that all processes share. */
export interface SalesforceConnections {
  /** @throws an error of kind `authentication` where the connection has no credentials. */
  clientFor(connectionId: string): Promise<SalesforceClient>
  /** Gets a session in the place of the one in hand, whether that still works or not. */
  renew(connectionId: string): Promise<void>
}

/** What connections are authorised and revoked with. */
export interface SalesforceOauth {
  readonly endpoint: TokenEndpoint
  /** The environment's secret, where the app is the environment's; null otherwise. */
  secretOf(clientId: string): string | null
  /** Whether the environment's connection has credentials of its own. */
  readonly hasEnvironmentLogin: boolean
  /** A client with this session, which it cannot renew. Its owner closes it. */
  clientOf(session: SalesforceSession): SalesforceClient
}

export interface BulkSettings {
  /** Loads at work at once per connection, across jobs. */
  readonly lanes: number
  readonly loadMaxRows: number
  readonly loadMaxBytes: number
  /** How often rows with transient errors go again. */
  readonly maxRetries: number
  /** Delay before the first of these, in milliseconds; doubles with each. */
  readonly retryDelayMs: number
  /** Share of the daily API calls that loads leave untouched, 0 to 1. */
  readonly reserveFraction: number
  /** Pause between two looks of a load at daily API calls that did not suffice, in milliseconds. */
  readonly quotaLookAgainMs: number
  /** Results of an aborted upstream job count once two readings this far apart agree, in milliseconds. */
  readonly abortedReadingGapMs: number
}

export interface QuerySettings {
  /** Bytes of results that one workspace may keep. */
  readonly quotaBytes: number
  /** Records that are asked for at once. */
  readonly pageRecords: number
}

export interface NotificationSettings extends DigestSettings {
  /** Before the second attempt, in milliseconds; doubles with each. */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** A message that no attempt brought there in this time has failed. */
  readonly giveUpAfterMs: number
  /** Where people reach the API, without a slash at its end; null where nobody said. */
  readonly publicUrl: string | null
}

/** What notices are sent with. */
export interface Notifications {
  readonly settings: NotificationSettings
  readonly fetch: Pick<SafeFetch, 'send'>
  /** Of the channels that the environment sets up. */
  readonly environmentUrls: Readonly<Record<ChannelKind, string | null>>
}

export interface MirrorSettings {
  /** Rows of one page, 2,000 at most. */
  readonly pageRows: number
  /** A first load of so many rows goes by a Bulk query. */
  readonly bulkFromRows: number
  /** Calls that one object may take in one run; the next run goes on. */
  readonly mostCalls: number
  /** How far each walk goes back behind the beginning of the last one, in milliseconds. */
  readonly overlapMs: number
  /** How often all rows are read again, in milliseconds. */
  readonly reconcileEveryMs: number
  /** Of the days of snapshots; null for the org's own. */
  readonly timeZone: string | null
}

/** What the activities of one workspace work with. */
export interface ActivityDependencies {
  readonly database: WorkspaceDatabase
  readonly connections: SalesforceConnections
  readonly oauth: SalesforceOauth
  readonly sealing: Sealing
  readonly bulk: BulkSettings
  readonly notifications: Notifications
  readonly queries: QuerySettings
  readonly mirror: MirrorSettings
  /** Seconds that a describe is good for. */
  readonly metadataTtlSeconds: number
  readonly retentionDays: number
  /** Folder for the bodies of uploads while they are sent. */
  readonly temporaryDirectory: string
  readonly logger: Logger
  readonly webhooks: WebhookWork
  /** A named place where a crash test stops the process; does nothing otherwise. */
  readonly failpoint: (name: string) => Promise<void>
}

/** What events and deliveries are worked on with; one a process, for all workspaces. */
export interface WebhookWork {
  readonly deliverer: Deliverer
  readonly signals: PumpSignals
  readonly schedule: ScheduleOptions
  /** No attempt takes longer, in milliseconds. */
  readonly attemptMs: number
  /** An endpoint that failed everything for so long is disabled. */
  readonly disableAfterSeconds: number
  /** Channels of this workspace have something to tell. */
  readonly onNotifications: (workspaceId: string, channelIds: readonly string[]) => void
  /** Events became deliveries. */
  readonly onFannedOut?: (done: { readonly events: number; readonly deliveries: number }) => void
  /** Readers of this workspace's stream have something to read. */
  readonly onProcessed: (workspaceId: string) => void
  /** A pump has something to send again. */
  readonly onReleased: (shard: number) => void
  /** We told something of ourselves: there are events. */
  readonly onOwnEvents: () => void
}

/** What activities are made of, before it is known whose they are. */
export type ActivityFoundation = Omit<ActivityDependencies, 'database'> & {
  readonly database: Database
}
