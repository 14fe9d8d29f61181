import path from 'node:path'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { crossCheck, exposureOf, usesClientCredentials } from './cross-check.ts'
import { resolveDatabaseUrl } from './database-url.ts'
import { deepFreeze } from './deep-freeze.ts'
import { type EnvironmentValues, environmentSchema } from './environment-schema.ts'
import { type LogLevel, resolveLogLevel } from './log-level.ts'
import { resolveLoginUrl } from './login-url.ts'
import type { WorkerQueue } from './schema/service.ts'

export { ConfigError, EXIT_CONFIG } from './config-error.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** All settings. Times are milliseconds where the name says so; null is "not set". Frozen. */
export interface Config {
  readonly mode: 'production' | 'development' | 'test'
  readonly salesforce: {
    readonly clientId: string | null
    readonly clientSecret: string | null
    readonly refreshToken: string | null
    readonly redirectUri: string | null
    /** Origin that tokens are asked from, without a slash at its end. */
    readonly loginUrl: string
    readonly allowAnyLoginHost: boolean
    /** As it stands in paths after the `v`: 67.0 */
    readonly apiVersion: string
    readonly apiTimeoutMs: number
    readonly bulkBatchSize: number
    readonly maxRetries: number
    readonly retryDelayMs: number
    readonly webhookUrl: string | null
  }
  readonly webhooks: {
    /** What signs webhooks of the environment's connection: the secret, and the one before it. */
    readonly secrets: readonly string[]
    readonly maxBytes: number
    /** Whether refusals are answered 200. */
    readonly legacyAnswers: boolean
  }
  readonly notifications: {
    readonly enabled: boolean
    readonly slackWebhookUrl: string | null
    readonly discordWebhookUrl: string | null
    readonly windowMs: number
    readonly longestWindowMs: number
  }
  readonly delivery: {
    /** From each attempt to the next. */
    readonly retryDelaysSeconds: readonly number[]
    readonly connectTimeoutMs: number
    readonly timeoutMs: number
    readonly disableAfterSeconds: number
  }
  readonly database: { readonly url: string }
  readonly encryption: {
    /** The operator's texts as they stand, each of at least 32 characters, the newest first; keys are derived of them. */
    readonly keys: readonly string[]
    readonly sealPayloads: boolean
  }
  readonly retentionDays: number
  readonly cache: { readonly metadataTtlMs: number; readonly analyticsTtlMs: number }
  /** Whether the metadata of orgs is refreshed by itself. */
  readonly metadataRefresh: boolean
  readonly bulk: {
    readonly lanes: number
    /** Share of daily API calls, 0 to 0.9. */
    readonly reserveFraction: number
    readonly quotaLookAgainMs: number
    readonly loadMaxRows: number
    readonly loadMaxBytes: number
    readonly stagingQuotaBytes: number
    readonly diskReserveBytes: number
    readonly abortedReadingGapMs: number
  }
  readonly mirror: {
    /** Null where there are no Schedules. */
    readonly everyMs: number | null
    readonly pageRows: number
    readonly bulkFromRows: number
    readonly mostCalls: number
    /** Null for the org's own. */
    readonly timeZone: string | null
  }
  readonly queries: { readonly quotaBytes: number; readonly pageRecords: number }
  readonly http: {
    readonly host: string
    readonly port: number
    /** Whether only the machine itself reaches the server: on a loopback address, with no proxy in front. */
    readonly loopbackOnly: boolean
    /** Always outside loopback and behind proxies. */
    readonly keysRequired: boolean
    readonly trustedProxies: number
    /** Networks in CIDR notation that webhooks are taken from; empty where all are. */
    readonly webhookAllowlist: readonly string[]
    /** Whether what came to the outermost proxy without TLS is turned away. */
    readonly httpsRequired: boolean
    /** Origins whose pages may use the API. */
    readonly corsOrigins: readonly string[]
    /** Between a stop signal and the end of listening. */
    readonly drainDelayMs: number
    /** Where callers reach the API, without a slash at the end. */
    readonly publicUrl: string | null
  }
  readonly sessions: { readonly idleMs: number; readonly lifetimeMs: number }
  /** Whether callback URLs may lead to this machine and to private networks. */
  readonly allowPrivateAddresses: boolean
  readonly metrics: {
    readonly host: string
    /** Of the API; a worker takes the next one. Null where none are served. */
    readonly port: number | null
  }
  readonly rateLimit: { readonly requests: number; readonly windowMs: number }
  /** Keys and sessions that do not hold which one address may show in a minute. */
  readonly unknownKeyLimit: number
  readonly temporal: {
    /** host:port */
    readonly address: string
    readonly namespace: string
    readonly apiKey: string | null
    readonly tls: boolean
    readonly takeOverNamespace: boolean
  }
  readonly temporalUiUrl: string | null
  readonly worker: { readonly queues: readonly WorkerQueue[] }
  readonly log: {
    readonly level: LogLevel
    readonly requests: boolean
    readonly responses: boolean
  }
  /** Absolute path. */
  readonly stateDirectory: string
  readonly failpoint: string | null
}

/**
 * Reads the whole environment once. An empty variable counts as unset.
 * @throws ConfigError with all that is wrong.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const known: Record<string, string> = {}
  for (const name of Object.keys(environmentSchema.shape)) {
    // Compose files and shells hand over unset variables as empty ones.
    const value = environment[name]?.trim()
    if (value !== undefined && value !== '') known[name] = value
  }
  const problems: ConfigProblem[] = []
  for (const issue of environmentSchema.safeParse(known).error?.issues ?? []) {
    const name = String(issue.path[0])
    problems.push({ name, reason: issue.message })
    // What cannot be read counts as unset below, so that the checks across variables run all the same.
    delete known[name]
  }
  const values = environmentSchema.parse(known)
  const database = resolveDatabaseUrl(values)
  const login = resolveLoginUrl({
    environment: values.SALESFORCE_ENVIRONMENT,
    loginUrl: values.SALESFORCE_LOGIN_URL,
    allowAnyHost: values.CONVEYOR_ALLOW_ANY_LOGIN_HOST,
    needsMyDomain: usesClientCredentials(values),
  })
  for (const problem of [...database.problems, ...login.problems, ...crossCheck(values)]) {
    if (!problems.some(({ name }) => name === problem.name)) problems.push(problem)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return deepFreeze(arrange(values, database.url, login.loginUrl))
}

function arrange(values: EnvironmentValues, databaseUrl: string, loginUrl: string): Config {
  return {
    mode: values.NODE_ENV,
    salesforce: {
      clientId: values.SALESFORCE_CLIENT_ID,
      clientSecret: values.SALESFORCE_CLIENT_SECRET,
      refreshToken: values.SALESFORCE_REFRESH_TOKEN,
      redirectUri: values.SALESFORCE_REDIRECT_URI,
      loginUrl,
      allowAnyLoginHost: values.CONVEYOR_ALLOW_ANY_LOGIN_HOST,
      apiVersion: values.SALESFORCE_API_VERSION,
      apiTimeoutMs: values.SALESFORCE_API_TIMEOUT,
      bulkBatchSize: values.SALESFORCE_BULK_BATCH_SIZE,
      maxRetries: values.SALESFORCE_MAX_RETRIES,
      retryDelayMs: values.SALESFORCE_RETRY_DELAY,
      webhookUrl: values.SALESFORCE_WEBHOOK_URL,
    },
    webhooks: {
      secrets: [values.SALESFORCE_WEBHOOK_SECRET, values.CONVEYOR_WEBHOOK_SECRET_PREVIOUS].filter(
        (secret) => secret !== null,
      ),
      maxBytes: values.CONVEYOR_WEBHOOK_MAX_BYTES,
      legacyAnswers: values.CONVEYOR_WEBHOOK_LEGACY_ANSWERS,
    },
    notifications: {
      enabled: values.SALESFORCE_ENABLE_WEBHOOK_NOTIFICATIONS,
      slackWebhookUrl: values.SALESFORCE_SLACK_WEBHOOK_URL,
      discordWebhookUrl: values.SALESFORCE_DISCORD_WEBHOOK_URL,
      windowMs: values.CONVEYOR_NOTIFICATION_WINDOW,
      longestWindowMs: values.CONVEYOR_NOTIFICATION_LONGEST_WINDOW,
    },
    delivery: {
      retryDelaysSeconds: values.CONVEYOR_DELIVERY_RETRY_SCHEDULE,
      connectTimeoutMs: values.CONVEYOR_DELIVERY_CONNECT_TIMEOUT,
      timeoutMs: values.CONVEYOR_DELIVERY_TIMEOUT,
      disableAfterSeconds: values.CONVEYOR_DELIVERY_DISABLE_AFTER / 1_000,
    },
    database: { url: databaseUrl },
    encryption: {
      keys: values.SALESFORCE_TOKEN_ENCRYPTION_KEY ?? [],
      sealPayloads: values.CONVEYOR_SEAL_PAYLOADS,
    },
    retentionDays: values.SALESFORCE_RETENTION_DAYS,
    cache: {
      metadataTtlMs: values.SALESFORCE_CACHE_TTL ?? DAY_MS,
      analyticsTtlMs: values.SALESFORCE_CACHE_TTL ?? HOUR_MS,
    },
    metadataRefresh: values.CONVEYOR_METADATA_REFRESH,
    bulk: {
      lanes: values.CONVEYOR_BULK_LANES,
      reserveFraction: values.CONVEYOR_API_RESERVE,
      quotaLookAgainMs: values.CONVEYOR_QUOTA_LOOK_AGAIN,
      loadMaxRows: values.CONVEYOR_LOAD_MAX_ROWS,
      loadMaxBytes: values.CONVEYOR_LOAD_MAX_BYTES,
      stagingQuotaBytes: values.CONVEYOR_STAGING_QUOTA,
      diskReserveBytes: values.CONVEYOR_DISK_RESERVE,
      abortedReadingGapMs: values.CONVEYOR_ABORTED_READING_GAP,
    },
    queries: {
      quotaBytes: values.CONVEYOR_QUERY_QUOTA,
      pageRecords: values.CONVEYOR_QUERY_PAGE,
    },
    mirror: {
      everyMs: values.CONVEYOR_MIRROR_EVERY === 0 ? null : values.CONVEYOR_MIRROR_EVERY,
      pageRows: values.CONVEYOR_MIRROR_PAGE_ROWS,
      bulkFromRows: values.CONVEYOR_MIRROR_BULK_FROM,
      mostCalls: values.CONVEYOR_MIRROR_MAX_CALLS,
      timeZone: values.CONVEYOR_MIRROR_TIME_ZONE,
    },
    http: {
      host: values.HOST,
      port: values.PORT,
      loopbackOnly: exposureOf(values) === null,
      keysRequired: values.CONVEYOR_REQUIRE_KEYS ?? exposureOf(values) !== null,
      trustedProxies: values.CONVEYOR_TRUSTED_PROXIES,
      webhookAllowlist: values.CONVEYOR_WEBHOOK_ALLOWLIST,
      httpsRequired: values.CONVEYOR_REQUIRE_HTTPS ?? values.CONVEYOR_TRUSTED_PROXIES > 0,
      corsOrigins: values.CONVEYOR_CORS_ORIGINS,
      drainDelayMs: values.CONVEYOR_DRAIN_DELAY,
      publicUrl: values.CONVEYOR_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    },
    sessions: {
      idleMs: values.CONVEYOR_SESSION_IDLE,
      lifetimeMs: values.CONVEYOR_SESSION_LIFETIME,
    },
    allowPrivateAddresses: values.CONVEYOR_ALLOW_PRIVATE_ADDRESSES,
    metrics: { host: values.CONVEYOR_METRICS_HOST, port: values.SALESFORCE_METRICS_PORT },
    rateLimit: {
      requests: values.SALESFORCE_RATE_LIMIT_REQUESTS,
      windowMs: values.SALESFORCE_RATE_LIMIT_WINDOW,
    },
    unknownKeyLimit: values.CONVEYOR_UNKNOWN_KEY_LIMIT,
    temporal: {
      address: values.TEMPORAL_ADDRESS,
      namespace: values.TEMPORAL_NAMESPACE,
      apiKey: values.TEMPORAL_API_KEY,
      tls: values.TEMPORAL_TLS ?? values.TEMPORAL_API_KEY !== null,
      takeOverNamespace: values.CONVEYOR_TAKE_OVER_NAMESPACE,
    },
    temporalUiUrl: values.CONVEYOR_TEMPORAL_UI_URL?.replace(/\/+$/, '') ?? null,
    worker: { queues: values.WORKER_QUEUES },
    log: {
      level: resolveLogLevel(values.SALESFORCE_LOG_LEVEL, values.SALESFORCE_DEBUG),
      requests: values.SALESFORCE_ENABLE_REQUEST_LOGGING,
      responses: values.SALESFORCE_ENABLE_RESPONSE_LOGGING,
    },
    // Processes started from other folders must mean the same one.
    stateDirectory: path.resolve(values.CONVEYOR_STATE_DIR),
    failpoint: values.CONVEYOR_FAILPOINT,
  }
}
