import { z } from 'zod'
import { milliseconds } from './milliseconds.ts'

/** What an operator or a test may set while the org runs. */
export const settingsSchema = z.strictObject({
  /** Seeds the order of results and the drawing of faults. */
  seed: z.int().min(0).default(1),
  /** Milliseconds between closing a job and its start. */
  bulkStartDelayMs: milliseconds.default(50),
  /** Ceiling of one job's speed; `null` for none. */
  bulkRowsPerSecond: z.number().positive().nullable().default(null),
  /** Rows that are committed together. */
  internalBatchRows: z.int().min(1).max(10_000).default(10_000),
  /**
   * Internal batches of one job that are in process at once. Above 1 they end in another order than
   * they began, and may stand in each other's way: see `parentLockRate`.
   */
  bulkParallelBatches: z.int().min(1).max(20).default(1),
  /**
   * Share of the writes that fail with UNABLE_TO_LOCK_ROW where a batch in process holds a record
   * that they need. 0 keeps no locks at all.
   */
  parentLockRate: z.number().min(0).max(1).default(0),
  /** Whether a byte order mark at the start of an upload is read as part of its header. */
  bulkByteOrderMark: z.enum(['drop', 'keep']).default('keep'),
  /** Characters that one value of an upload may have: older documents say 32,000. */
  bulkFieldCharacters: z.int().min(1).default(131_072),
  /** Bytes that an upload may have after base64. */
  bulkUploadBytes: z.int().min(1).default(150_000_000),
  /** Internal batches and records of ingest jobs in the rolling day. */
  bulkBatchesMax: z.int().min(0).default(15_000),
  bulkRecordsMax: z.int().min(0).default(150_000_000),
  /** How far the clock of jobs runs ahead of the machine's: moves them past their seven days. */
  jobClockOffsetMs: milliseconds.default(0),
  /**
   * Records written by REST are stamped up to so long before they can be seen, each call by its own chance: as after long
   * transactions, and on servers whose clocks differ.
   */
  stampLagMs: milliseconds.default(0),
  /** Whether result lines come in another order than the input's. */
  shuffleRows: z.boolean().default(true),
  /** Whether echoed columns come in another order than the input's. */
  shuffleColumns: z.boolean().default(true),
  /** Answers an empty result file with 204 instead of a header line. */
  emptyResults204: z.boolean().default(false),
  /** Whether the user holds the permission "Bulk API Hard Delete". */
  hardDeletePermission: z.boolean().default(true),
  /** Life of an access token; `null` for without end. */
  sessionSeconds: z.number().positive().nullable().default(null),
  /** Whether a call in the second half of a token's life lets it begin anew, as in a real org. */
  prolongSessions: z.boolean().default(true),
  /** Each refresh retires its refresh token and hands out a new one; reuse revokes the approval. */
  rotateRefreshTokens: z.boolean().default(false),
  /** How long a refresh takes at least. Another one of the same approval meanwhile is refused. */
  refreshMs: milliseconds.default(0),
  /** Life of an authorization code. */
  authorizationCodeSeconds: z.number().positive().default(900),
  /** Logins of one user in an hour, refreshes among them. */
  loginsPerHour: z.int().min(0).default(3_600),
  /** Hosts that all orgs share: the client-credentials flow is refused there. */
  loginHosts: z.array(z.string()).default(['login.salesforce.com', 'test.salesforce.com']),
  /** Host of identity URLs, which are https then; `null` for the org's own address. */
  identityHost: z.string().nullable().default(null),
  /** The password of all users in the username-password flow; `null` where that flow is blocked. */
  userPassword: z.string().nullable().default(null),
  /** Calls used and allowed in the rolling day. */
  apiUsed: z.int().min(0).default(0),
  apiMax: z.int().min(0).default(5_000_000),
  /** Jobs on one page of the job list. */
  jobListPageSize: z.int().min(1).max(1_000).default(1_000),
  /** Records in one answer of a query. */
  queryPageSize: z.int().min(1).max(2_000).default(2_000),
  /** Calls under way for so long count against the limit of concurrent ones. */
  longCallMs: milliseconds.default(20_000),
  /** So many long calls at once are allowed; further calls are refused. */
  longCallMax: z.int().min(1).default(25),
  /** How long an outbound message waits for more notifications before it is sent. */
  outboundWindowMs: milliseconds.default(250),
  /** How long a listener may take to acknowledge. */
  outboundTimeoutMs: milliseconds.min(1).default(60_000),
  /** The wait after the first failed attempt; it doubles with each further one. */
  outboundRetryFirstMs: milliseconds.default(30_000),
  /** The longest wait between two attempts. */
  outboundRetryMaxMs: milliseconds.default(7_200_000),
  /** After so long an unacknowledged notification is given up. */
  outboundLifetimeMs: milliseconds.default(86_400_000),
  /** Share of the acknowledged messages that are sent once more. */
  outboundDuplicateRate: z.number().min(0).max(1).default(0),
  /** Whether notifications are sent in another order than that of the changes. */
  outboundShuffle: z.boolean().default(true),
  /** What is told of a record that is gone before it is sent: nothing at all, or its id. */
  outboundDeletedRecord: z.enum(['nothing', 'id']).default('nothing'),
  /** How long a signed webhook's receiver may take: the default of Apex. */
  calloutTimeoutMs: z.int().min(1).max(120_000).default(10_000),
  /** Callouts that one Apex transaction may make; the rest is refused. */
  calloutsPerTransaction: z.int().min(1).default(100),
  /** Pushes under way at once to one receiver. */
  pushConcurrency: z.int().min(1).max(100).default(5),
  /** Whether an upsert that found its record answers 200 with a body (204 before version 46, or always). */
  upsertFoundBody: z.boolean().default(true),
})
export type Settings = z.infer<typeof settingsSchema>

export const settingsPatchSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, schema]) => [
      name,
      schema.unwrap().optional(),
    ]),
  ),
)

export function defaultSettings(): Settings {
  return settingsSchema.parse({})
}
