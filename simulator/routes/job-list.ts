import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext } from '../http/org-context.ts'
import type { Job } from '../store/job-store.ts'
import { jobSummary } from './job-info.ts'

/** One page of the jobs of a kind. The locator is the number of the last job shown. */
export function answerJobList(org: Org, c: OrgContext, kind: Job['kind'], version: number) {
  const locator = c.req.query('queryLocator')
  const after = locator === undefined ? 0 : numberOf(locator)
  const wanted = c.req.query('jobType')
  const ours = kind === 'ingest' ? 'V2Ingest' : 'V2Query'
  const size = org.settings().jobListPageSize
  // Jobs of Bulk API 2.0 know no PK chunking: who asks for it gets those of the older API alone.
  const chunked = c.req.query('isPkChunkingEnabled')?.toLowerCase() === 'true'
  const none = chunked || (wanted !== undefined && wanted !== ours)
  const found = none ? [] : org.jobs.list(kind, after, size + 1)
  const records = found.slice(0, size)
  const last = records.at(-1)
  const done = found.length <= size || last === undefined
  const next = done ? null : Buffer.from(String(last.n)).toString('base64url')
  return c.json({
    done,
    records: records.map(jobSummary),
    ...(next === null
      ? {}
      : { nextRecordsUrl: `/services/data/v${version}.0/jobs/${kind}?queryLocator=${next}` }),
  })
}

function numberOf(locator: string): number {
  const text = Buffer.from(locator, 'base64url').toString()
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
}
