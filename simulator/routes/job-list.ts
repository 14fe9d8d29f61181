import { ApiError } from '../http/api-error.ts'
import type { Org, OrgContext } from '../http/org-context.ts'
import type { Job } from '../store/job-store.ts'
import { ingestJobInfo, queryJobInfo } from './job-info.ts'

/** One page of the jobs of a kind. The locator is the number of the last job shown. */
export function answerJobList(org: Org, c: OrgContext, kind: Job['kind'], version: number) {
  const locator = c.req.query('queryLocator')
  const after = locator === undefined ? 0 : Number(Buffer.from(locator, 'base64url').toString())
  if (!Number.isSafeInteger(after)) {
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  const wanted = c.req.query('jobType')
  const ours = kind === 'ingest' ? 'V2Ingest' : 'V2Query'
  const size = org.settings().jobListPageSize
  const found = wanted === undefined || wanted === ours ? org.jobs.list(kind, after, size + 1) : []
  const records = found.slice(0, size)
  const last = records.at(-1)
  const done = found.length <= size || last === undefined
  const next = done ? null : Buffer.from(String(last.n)).toString('base64url')
  return c.json({
    done,
    records: records.map((job) => (kind === 'ingest' ? ingestJobInfo(job) : queryJobInfo(job))),
    ...(next === null
      ? {}
      : { nextRecordsUrl: `/services/data/v${version}.0/jobs/${kind}?queryLocator=${next}` }),
  })
}
