import type { HttpBindings } from '@hono/node-server'
import type { PayloadCodec } from '@temporalio/common'
import type { Context } from 'hono'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { ApiMetrics } from '../metrics/api-metrics.ts'
import type { AddressRules } from '../security/address-rules.ts'
import type { ApiKeyEnvironment } from '../security/api-key.ts'
import type { Sealing } from '../security/sealing.ts'
import type { NotificationTrigger } from '../temporal/notification-trigger.ts'
import type { PumpTrigger } from '../temporal/pump-trigger.ts'
import type { Starters } from '../temporal/starters.ts'
import type { Caller } from './caller.ts'
import type { Drain } from './drain.ts'
import type { TextBudgetLimits, TextShare } from './http/text-budget.ts'
import type { Readiness } from './readiness.ts'
import type { EventHub } from './stream/event-hub.ts'

export interface SessionTimes {
  /** Milliseconds without a request after which a session is over. */
  readonly idleMs: number
  /** Milliseconds after which it is over in any case. */
  readonly lifetimeMs: number
}

export interface ApiSettings {
  /** Rows of a batch. */
  readonly batchSize: number
  /** Bytes that one workspace may keep staged. */
  readonly stagingQuotaBytes: number
  /** Bytes that stay free on the disk. */
  readonly diskReserveBytes: number
  /** Bytes of results of durable queries that one workspace may keep. */
  readonly queryQuotaBytes: number
  /** Milliseconds that a request waits for the answer to its query. */
  readonly queryWaitMs: number
  /** Milliseconds without a byte of the body before the request is given up. */
  readonly bodyIdleMs: number
  /** Milliseconds that a body may take which is held whole. Streams may take as long as they go on. */
  readonly wholeBodyMs: number
  /** Bounds JSON bodies that are held at once, over all requests. */
  readonly textBudget: TextBudgetLimits
  /** Milliseconds that a create waits for the first describe of its object. */
  readonly describeWaitMs: number
  /** Milliseconds that what Salesforce says of objects is good for. */
  readonly metadataTtlMs: number
  /** Folder for files that live as long as a request. */
  readonly temporaryDirectory: string
  /** Where the Temporal UI is; null where nobody said. */
  readonly temporalUi: { readonly url: string; readonly namespace: string } | null
  /** True where only this machine can reach the server: Host and Origin are checked then. */
  readonly loopbackOnly: boolean
  /** Whether callers must show an API key. */
  readonly keysRequired: boolean
  /** Part of the keys that are made here. */
  readonly keyEnvironment: ApiKeyEnvironment
  readonly sessions: SessionTimes
  /** Proxies in front of the server whose word on the caller's address counts. */
  readonly trustedProxies: number
  readonly webhooks: {
    /** What signs webhooks of the environment's connection: the secret, and the one before it. */
    readonly secrets: readonly string[]
    /** Bytes of a body. */
    readonly maxBytes: number
    /** Whether refusals at /webhooks/salesforce are answered 200. */
    readonly legacyAnswers: boolean
    /** Wrong signatures or paths that one address may show in a minute. */
    readonly badGuessLimit: number
    /** Where the intake is reached from outside; null where nobody said. */
    readonly publicUrl: string | null
  }
  /** Networks in CIDR notation that webhooks are taken from; empty where all are. */
  readonly webhookAllowlist: readonly string[]
  /** Seconds without a byte after which the first request under an Idempotency-Key is taken for dead. */
  readonly keyTakeOverSeconds: number
  /** Whether requests that reached the outermost proxy in clear are turned away. */
  readonly httpsRequired: boolean
  /** Origins whose pages may use the API. */
  readonly corsOrigins: readonly string[]
  /** What one caller may use in a window, over all processes. */
  readonly rateLimit: { readonly requests: number; readonly windowMs: number }
  /** Keys and sessions that do not hold which one address may show in a minute. */
  readonly unknownKeyLimit: number
  readonly logRequests: boolean
  readonly logResponses: boolean
  /** The app that connections are authorised with which bring none of their own. */
  readonly salesforceApp: {
    readonly clientId: string | null
    /** Where browsers come back to. */
    readonly redirectUri: string | null
    readonly loginUrl: string
    readonly allowAnyLoginHost: boolean
  }
  /** Which callback URLs are taken. */
  readonly callbackRules: AddressRules
  readonly streams: StreamLimits
  /** Subscriptions that one workspace may have. */
  readonly mostSubscriptions: number
  /** Seconds that an answer of the analytics is good for. */
  readonly analyticsTtlSeconds: number
  /** Milliseconds that a request waits for what Salesforce is asked about a connection. */
  readonly connectionWaitMs: number
}

/** Of readers of the stream of events. */
export interface StreamLimits {
  readonly mostOfWorkspace: number
  readonly mostOfProcess: number
  /** Bytes that wait for a slow reader before it is dropped. */
  readonly bufferBytes: number
  readonly heartbeatMs: number
  /** Milliseconds that a reader which catches up may take nothing. */
  readonly patienceMs: number
  /** Milliseconds after which it must come again. */
  readonly lifeMs: number
}

/** What the routes work with. */
export interface ApiDependencies {
  readonly database: Database
  readonly starters: Starters
  readonly pumpTrigger: Pick<PumpTrigger, 'trigger'>
  readonly eventHub: EventHub
  /** Wakes the workflows of channels. */
  readonly notificationTrigger: Pick<NotificationTrigger, 'trigger' | 'wake'>
  readonly sealing: Sealing
  /** Opens payloads of Temporal, and seals them where that is on. */
  readonly payloadCodec: PayloadCodec
  readonly logger: Logger
  readonly installationId: string
  readonly settings: ApiSettings
  /** Free bytes on the disk that the database most likely shares. */
  readonly freeDiskBytes: () => Promise<number>
  readonly readiness: Readiness
  /** Absent where nobody scrapes. */
  readonly metrics?: ApiMetrics | undefined
  readonly drain: Drain
}

/** Hono's environment: Node's request beside the standard one, and what the middleware adds. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    logger: Logger
    textShare: TextShare
    caller: Caller
    /** Where the request comes from. */
    address: string
    /** Set where the request comes from the Temporal UI, and may. */
    isFromTemporalUi?: true
    /** Whose request it is. */
    workspaceId: string
    /** What that workspace has. */
    database: WorkspaceDatabase
  }
}

export type ApiContext = Context<ApiEnv, string>
