import type { Logger } from '../activities/dependencies.ts'
import { createApiCallCounterQueries } from '../db/api-call-counters.ts'
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
  /** Writes what is left, once; what cannot be written then is given up, and said. */
  close(): Promise<void>
}

/** Not written yet. One of these a connection, whatever the number of calls. */
interface Pending {
  calls: number
  errors: number
  apiUsage: ApiAnswer['apiUsage']
  worked: boolean
}

/** The list of API versions, which anybody may read: it proves nothing. */
const PATH_WITHOUT_TOKEN = '/services/data'
const RETRY_MS = 1_000
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

  function start(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null
    })
    return writing
  }

  async function writeAll(): Promise<void> {
    while (pending !== null) {
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
    pending = {
      calls: (pending?.calls ?? 0) + more.calls,
      errors: (pending?.errors ?? 0) + more.errors,
      apiUsage: higher(pending?.apiUsage ?? null, more.apiUsage),
      worked: (pending?.worked ?? false) || more.worked,
    }
  }

  async function write({ calls, errors, apiUsage, worked }: Pending): Promise<void> {
    const { connectionId, workspaceId } = owner
    await own.transaction(async (transaction) => {
      await createApiCallCounterQueries(transaction).add(connectionId, workspaceId, calls)
      await createTokenUsageQueries(transaction).add(owner, calls, errors)
      await createSalesforceOauthTokenQueries(transaction).countUses(connectionId, calls)
      const connections = createConnectionQueries(transaction)
      if (apiUsage) await connections.setApiUsage(connectionId, apiUsage)
      if (worked) await connections.unblockByCall(connectionId)
    })
  }

  return {
    record({ httpStatus, apiUsage, path }) {
      const failed = httpStatus >= 400
      const worked = !failed && path !== PATH_WITHOUT_TOKEN
      put({ calls: 1, errors: failed ? 1 : 0, apiUsage, worked })
      if (retry === null) void start()
    },
    async close() {
      closed = true
      if (retry !== null) clearTimeout(retry)
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
