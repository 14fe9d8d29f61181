import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'

const LOOK_MS = 200
/** A job that does not end is a failure, not a long benchmark. */
const LONGEST_MS = 45 * 60_000

const endSchema = z.object({
  state: z.string(),
  total: z.int(),
  success: z.int(),
  blocked_reason: z.string().nullable(),
  created_at: z.date(),
  planned_at: z.date().nullable(),
  completed_at: z.date().nullable(),
})

/** A finished job as its row tells it; times in ms since 1970. */
export interface EndedJob {
  readonly jobId: string
  readonly state: string
  readonly total: number
  readonly success: number
  readonly createdAt: number
  readonly plannedAt: number
  readonly completedAt: number
  readonly phases: LoadPhases
}

/** Mean milliseconds of a load in each step towards `closing`, over the loads of a job. */
export interface LoadPhases {
  readonly loads: number
  /** From the wish to make an upstream job to its id: holds encoding the body. */
  readonly encodeAndCreate: number
  readonly upload: number
  /** From closing to its results being settled: upstream work, noticing its end, reading, writing. */
  readonly closedToSettled: number
}

/** Waits for the end on the database, so that the API's own use stays that of staging. */
export async function followJob(databaseUrl: string, jobId: string): Promise<EndedJob> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const deadline = Date.now() + LONGEST_MS
    for (;;) {
      const { rows } = await client.query(
        `select state, total_records as total, successful_records as success, blocked_reason,
                created_at, planned_at, completed_at
         from salesforce_bulk_jobs where job_id = $1`,
        [jobId],
      )
      const job = endSchema.parse(rows[0])
      if (job.blocked_reason !== null) throw new Error(`${jobId} is blocked: ${job.blocked_reason}`)
      if (job.completed_at !== null) {
        return {
          jobId,
          state: job.state,
          total: job.total,
          success: job.success,
          createdAt: job.created_at.getTime(),
          plannedAt: required(job.planned_at),
          completedAt: job.completed_at.getTime(),
          phases: await readPhases(client, jobId),
        }
      }
      if (Date.now() > deadline) throw new Error(`${jobId} is still ${job.state}.`)
      await sleep(LOOK_MS)
    }
  } finally {
    await client.end()
  }
}

async function readPhases(client: pg.Client, jobId: string): Promise<LoadPhases> {
  const { rows } = await client.query(
    `select count(*)::int as loads,
            avg(extract(epoch from created_upstream_at - created_at) * 1000)::float as "encodeAndCreate",
            avg(extract(epoch from uploaded_at - created_upstream_at) * 1000)::float as "upload",
            avg(extract(epoch from finished_at - closing_at) * 1000)::float as "closedToSettled"
     from bulk_upstream_jobs where job_id = $1 and state = 'done'`,
    [jobId],
  )
  return z
    .object({
      loads: z.int().positive(),
      encodeAndCreate: z.number(),
      upload: z.number(),
      closedToSettled: z.number(),
    })
    .parse(rows[0])
}

function required(time: Date | null): number {
  if (time === null) throw new Error('A finished job lacks one of its times.')
  return time.getTime()
}
