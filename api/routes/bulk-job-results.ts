import { Hono } from 'hono'
import { ResultsQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireJob } from '../find-job.ts'
import { chooseType } from '../http/accept.ts'
import { readQuery } from '../http/read-query.ts'
import { streamOf } from '../http/stream-of.ts'
import { readResultRows } from '../results/result-rows.ts'
import { createResultWriter, RESULT_TYPES, type ResultWriter } from '../results/result-text.ts'

/** `GET /v1/bulk-jobs/{id}/results`: the rows that have an outcome, streamed. Final once the job has ended. */
export function createBulkJobResultsRoute(deps: ApiDependencies) {
  return new Hono<ApiEnv>().get('/v1/bulk-jobs/:jobId/results', async (c) => {
    const { outcome } = readQuery(c.req.raw, ResultsQuerySchema)
    const type = chooseType(c.req.header('accept'), RESULT_TYPES)
    const job = await requireJob(c, c.req.param('jobId'))
    if (job.purgedAt !== null) {
      throw new ApiError('job_purged', 'The rows of this job were removed after their time.')
    }
    const writer = createResultWriter(type, job.columns)
    const text = encoded(writer, readResultRows(deps, job, outcome ?? null))
    const name = `${job.jobId}${outcome === undefined ? '' : `_${outcome}`}`
    const extension = type === 'text/csv' ? 'csv' : 'ndjson'
    return new Response(c.req.method === 'HEAD' ? null : streamOf(text, c.var.logger), {
      headers: {
        'Content-Type': `${type}; charset=utf-8`,
        'Content-Disposition': `attachment; filename="${name}.${extension}"`,
        Vary: 'Accept',
      },
    })
  })
}

async function* encoded(
  writer: ResultWriter,
  pages: ReturnType<typeof readResultRows>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  if (writer.head !== '') yield encoder.encode(writer.head)
  for await (const rows of pages) if (rows.length > 0) yield encoder.encode(writer.text(rows))
}
