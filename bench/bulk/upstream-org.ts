import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

/** What the org itself says about its ingest jobs since the last reset; times in ms since 1970. */
export interface UpstreamTotals {
  readonly jobs: number
  readonly rows: number
  readonly uploadedBytes: number
  readonly firstCreatedAt: number
  readonly firstClosedAt: number
  readonly lastFinishedAt: number
  /** Time during which at least one job was being processed. */
  readonly busyMs: number
}

export interface UpstreamOrg {
  /** Empties it and sets its pace, so that all runs find the same org. */
  reset(): Promise<void>
  countAccounts(): Promise<number>
  totals(): Promise<UpstreamTotals>
}

const jobsSchema = z.array(
  z.object({
    created: z.number(),
    started: z.number(),
    finished: z.number(),
    processed: z.number(),
    uploaded_bytes: z.number(),
  }),
)

/** The simulator's admin routes, and its file for times finer than the seconds that job infos show. */
export function createUpstreamOrg(options: {
  readonly url: string
  readonly database: string
  readonly rowsPerSecond: number | null
}): UpstreamOrg {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${options.url}/__simulator${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  function readJobs(): z.infer<typeof jobsSchema> {
    const database = new DatabaseSync(options.database, { readOnly: true })
    try {
      return jobsSchema.parse(
        database
          .prepare(
            `SELECT created, started, finished, processed, uploaded_bytes FROM job
             WHERE kind = 'ingest' AND state = 'JobComplete' ORDER BY started`,
          )
          .all(),
      )
    } finally {
      database.close()
    }
  }

  return {
    async reset() {
      await call('POST', '/reset')
      await call('PATCH', '/settings', { bulkRowsPerSecond: options.rowsPerSecond })
    },
    async countAccounts() {
      const answer = await call('GET', '/objects/Account/count')
      return z.object({ count: z.int() }).parse(answer).count
    },
    async totals() {
      const jobs = readJobs()
      const closes = z
        .object({ calls: z.array(z.object({ at: z.number() })) })
        .parse(await call('GET', '/calls?name=bulk.close&limit=10000')).calls
      return {
        jobs: jobs.length,
        rows: jobs.reduce((sum, job) => sum + job.processed, 0),
        uploadedBytes: jobs.reduce((sum, job) => sum + job.uploaded_bytes, 0),
        firstCreatedAt: Math.min(...jobs.map((job) => job.created)),
        firstClosedAt: Math.min(...closes.map(({ at }) => at)),
        lastFinishedAt: Math.max(...jobs.map((job) => job.finished)),
        busyMs: unionMs(jobs.map((job) => [job.started, job.finished])),
      }
    },
  }
}

/** Length of the union of spans that are sorted by their start. */
function unionMs(spans: readonly (readonly [number, number])[]): number {
  let total = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const [start, end] of spans) {
    if (end > reached) total += end - Math.max(start, reached)
    reached = Math.max(reached, end)
  }
  return total
}
