import type { Logger } from '../activities/dependencies.ts'
import { emptyResponseBuckets, responseBucket } from '../contracts/response-times.ts'
import { type ApiCallUse, createApiCallCounterQueries } from '../db/api-call-counters.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createSalesforceOauthTokenQueries } from '../db/salesforce-oauth-tokens.ts'
import { createTokenUsageQueries } from '../db/salesforce-token-usage.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { ApiAnswer } from '../salesforce/api-answer.ts'

export interface CallRecorderOptions {
  readonly owner: { readonly connectionId: string; readonly workspaceId: string }
  readonly own: WorkspaceDatabase
  readonly logger: Logger
  /** Before what could not be written is written again, in milliseconds; doubles up to 64 times this. */
  readonly retryMs?: number
}

/** What Salesforce's answers tell of a connection: calls, use of the API, and that it works. */
export interface CallRecorder {
  /** Takes an answer down; returns at once and never throws. */
  record(answer: ApiAnswer): void
  /** A call that nothing answered. */
  recordUnanswered(): void
  /** Bytes of bodies that went one way or the other. */
  recordBytes(bytes: number): void
  /** Writes what is left, once; what cannot be written then is given up, and said. */
  close(): Promise<void>
}

/** Not written yet. One of these a connection, whatever the number of calls. */
interface Pending extends ApiCallUse {
  apiUsage: ApiAnswer['apiUsage']
  worked: boolean
}

const NOTHING: Pending = {
  ...{ calls: 0, errors: 0, responseMs: 0, responseBuckets: emptyResponseBuckets(), bytes: 0 },
  ...{ apiUsage: null, worked: false },
}

/** The list of API versions, which anybody may read: it proves nothing. */
const PATH_WITHOUT_TOKEN = '/services/data'
const RETRY_MS = 1_000
const BYTES_MS = 5_000
/** About a quarter of an hour. After that the connection is gone, or nobody would trust the count anyway. */
const MOST_FAILURES = 20

/**
 * Writes what calls tell, one write at a time with all that came in meanwhile. Every call of a connection counts on the
 * same rows: with a write a call, a process that freezes would hold those rows once for each call it had under way. No
 * call waits for its count, nor fails with it: the answer of a call that took place must not be lost to a counter.
 */
export function createCallRecorder(options: CallRecorderOptions): CallRecorder {
  const { owner, own, logger, retryMs = RETRY_MS } = options
  let pending: Pending | null = null
  let writing: Promise<void> | null = null
  let retry: NodeJS.Timeout | null = null
  let failures = 0
  let closed = false
  let bytesAreDue = false
  let bytesTimer: NodeJS.Timeout | null = null

  function start(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null
    })
    return writing
  }

  async function writeAll(): Promise<void> {
    while (pending !== null && (bytesAreDue || pending.calls + pending.errors > 0)) {
      bytesAreDue = false
      const now: Pending = pending
      pending = null
      try {
        await write(now)
        failures = 0
      } catch (error) {
        failures += 1
        return later(now, error)
      }
    }
  }

  function later(lost: Pending, error: unknown): void {
    // That the connection worked is news of the moment: it may have been blocked since.
    put({ ...lost, worked: false })
    const { calls, errors } = pending ?? lost
    const known = { ...owner, calls, errors, err: error }
    if (closed || failures > MOST_FAILURES) {
      logger.error(known, 'calls of Salesforce were not counted')
      failures = 0
      pending = null
      return
    }
    logger.warn(known, 'calls of Salesforce are not counted yet')
    const delay = retryMs * 2 ** Math.min(failures - 1, 6)
    retry = setTimeout(() => {
      retry = null
      void start()
    }, delay).unref()
  }

  function put(more: Pending): void {
    const before = pending ?? NOTHING
    pending = {
      calls: before.calls + more.calls,
      errors: before.errors + more.errors,
      responseMs: before.responseMs + more.responseMs,
      responseBuckets: before.responseBuckets.map(
        (count, place) => count + (more.responseBuckets[place] ?? 0),
      ),
      bytes: before.bytes + more.bytes,
      apiUsage: higher(before.apiUsage, more.apiUsage),
      worked: before.worked || more.worked,
    }
  }

  async function write({ apiUsage, worked, ...use }: Pending): Promise<void> {
    const { connectionId, workspaceId } = owner
    await own.transaction(async (transaction) => {
      await createApiCallCounterQueries(transaction).add(connectionId, workspaceId, use)
      await createTokenUsageQueries(transaction).add(owner, use)
      await createSalesforceOauthTokenQueries(transaction).countUses(connectionId, use.calls)
      const connections = createConnectionQueries(transaction)
      if (apiUsage) await connections.setApiUsage(connectionId, apiUsage)
      if (worked) await connections.unblockByCall(connectionId)
    })
  }

  return {
    record({ httpStatus, apiUsage, path, durationMs }) {
      const failed = httpStatus >= 400
      const worked = !failed && path !== PATH_WITHOUT_TOKEN
      const responseBuckets = emptyResponseBuckets()
      responseBuckets[responseBucket(durationMs)] = 1
      const errors = failed ? 1 : 0
      const times = { responseMs: durationMs, responseBuckets }
      put({ ...NOTHING, calls: 1, errors, ...times, apiUsage, worked })
      if (retry === null) void start()
    },
    recordUnanswered() {
      put({ ...NOTHING, errors: 1 })
      if (retry === null) void start()
    },
    recordBytes(bytes) {
      // An answer's bytes are known after its call was written. A write of their own would make two of each: they go
      // with the next call, where one comes soon.
      put({ ...NOTHING, bytes })
      bytesTimer ??= setTimeout(() => {
        bytesTimer = null
        bytesAreDue = true
        if (retry === null) void start()
      }, BYTES_MS).unref()
    },
    async close() {
      closed = true
      bytesAreDue = true
      if (retry !== null) clearTimeout(retry)
      if (bytesTimer !== null) clearTimeout(bytesTimer)
      retry = null
      await writing
      await start()
    },
  }
}

/** Of two readings the higher one; a limit of 24 hours that falls is seen at the next write. */
function higher(a: ApiAnswer['apiUsage'], b: ApiAnswer['apiUsage']): ApiAnswer['apiUsage'] {
  if (a === null || b === null) return a ?? b
  return a.used > b.used ? a : b
}
