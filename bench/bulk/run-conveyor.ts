import { createReadStream } from 'node:fs'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { BenchStack } from '../bench-stack.ts'
import { type ProcessUse, watchProcesses } from '../process-watch.ts'
import { KEY_FIELD } from './account-rows.ts'
import { type ActivityTime, readActivityTimes } from './activity-times.ts'
import { type EndedJob, followJob } from './follow-job.ts'

/** One job through Conveyor; times in ms. */
export interface ConveyorRun {
  /** From the first byte sent to the answer: staging and acceptance. */
  readonly createMs: number
  /** From that answer to the job's end. */
  readonly wallMs: number
  readonly acceptedAt: number
  readonly job: EndedJob
  readonly use: Readonly<Record<string, ProcessUse>>
  readonly activities: readonly ActivityTime[]
}

type Posted = { readonly jobId: string; readonly createMs: number; readonly acceptedAt: number }

/** Streams a CSV file to `POST /v1/bulk-jobs` and follows the job to its end. */
export function runConveyor(stack: BenchStack, csv: string, keyed: boolean): Promise<ConveyorRun> {
  const query = new URLSearchParams({
    object: 'Account',
    operation: 'insert',
    ...(keyed ? { correlation_field: KEY_FIELD } : {}),
  })
  return measure(stack, () =>
    post(
      `${stack.apiUrl}/v1/bulk-jobs?${query}`,
      'text/csv',
      createReadStream(csv),
      (body) => z.object({ id: z.string() }).parse(body).id,
    ),
  )
}

/** Sends records to the route of the replaced service and follows the job to its end. */
export function runLegacyJob(
  stack: BenchStack,
  records: readonly Record<string, string>[],
): Promise<ConveyorRun> {
  const body = JSON.stringify({
    user_id: 'bench',
    operation: 'insert',
    object_type: 'Account',
    data: records,
  })
  return measure(stack, () =>
    post(
      `${stack.apiUrl}/api/salesforce/bulk/create-job`,
      'application/json',
      body,
      (answer) => z.object({ job_id: z.string() }).parse(answer).job_id,
    ),
  )
}

async function measure(stack: BenchStack, create: () => Promise<Posted>): Promise<ConveyorRun> {
  const watch = watchProcesses(stack.pids)
  try {
    const { jobId, createMs, acceptedAt } = await create()
    const job = await followJob(stack.databaseUrl, jobId)
    const use = watch.stop()
    return {
      createMs,
      wallMs: job.completedAt - acceptedAt,
      acceptedAt,
      job,
      use,
      activities: await readActivityTimes(stack.logDirectory, jobId),
    }
  } finally {
    watch.stop()
  }
}

async function post(
  url: string,
  contentType: string,
  body: string | ReturnType<typeof createReadStream>,
  idOf: (answer: unknown) => string,
): Promise<Posted> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  try {
    const started = performance.now()
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    })
    const createMs = performance.now() - started
    const acceptedAt = Date.now()
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`POST ${url}: ${answer.statusCode} ${text}`)
    return { jobId: idOf(JSON.parse(text)), createMs, acceptedAt }
  } finally {
    await agent.close()
  }
}
