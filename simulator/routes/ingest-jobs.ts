import type { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { receiveUpload } from '../http/receive-upload.ts'
import { versionOf } from '../http/version.ts'
import type { Job, JobState } from '../store/job-store.ts'
import { contentType, refuseContentType } from './ingest-content-type.ts'
import { createIngestJob } from './ingest-create.ts'
import { addIngestResultRoutes } from './ingest-results.ts'
import { ingestJobInfo } from './job-info.ts'
import { answerJobList } from './job-list.ts'
import { refuseOtherIngestMethods } from './job-methods.ts'

const ROOT = '/services/data/:version/jobs/ingest'

const patchSchema = z.object({ state: z.enum(['UploadComplete', 'Aborted']) })

/** Bulk API 2.0 ingest: create, upload, close, abort, look, list, delete, results. */
export function addIngestRoutes(app: Hono<OrgEnv>, org: Org): void {
  const uploading = new Set<string>()

  app.post(ROOT, async (c) => {
    const version = versionOf(c.req.param('version'))
    return c.json(ingestJobInfo(await createIngestJob(org, c, version)))
  })

  app.get(ROOT, (c) => answerJobList(org, c, 'ingest', versionOf(c.req.param('version'))))

  app.put(`${ROOT}/:id/batches`, async (c) => {
    const job = findJob(org, c)
    refuseContentType(contentType(c), 'text/csv')
    refuseUpload(job, uploading.has(job.id))
    uploading.add(job.id)
    try {
      const { bulkUploadBytes } = org.settings()
      const bytes = await receiveUpload(c.env.incoming, org.files, job.id, bulkUploadBytes)
      await org.write(() => {
        // It may have been aborted or deleted while its data came in.
        refuseUpload(findJob(org, c), false)
        org.jobs.update(job.id, { uploadedBytes: bytes })
      })
    } finally {
      uploading.delete(job.id)
    }
    return c.body(null, 201)
  })

  app.patch(`${ROOT}/:id`, async (c) => {
    const parsed = patchSchema.safeParse(c.get('patchBody'))
    if (!parsed.success) {
      throw new ApiError(400, 'INVALIDJOB', 'InvalidJob : state must be UploadComplete or Aborted')
    }
    const { state } = parsed.data
    const job = state === 'Aborted' ? await abortJob(org, c) : await closeJob(org, c)
    return c.json(ingestJobInfo(job))
  })

  app.get(`${ROOT}/:id`, (c) => c.json(ingestJobInfo(findJob(org, c))))

  app.delete(`${ROOT}/:id`, async (c) => {
    const removed = await org.write(() => {
      const job = findJob(org, c)
      if (job.state === 'Open' || job.state === 'InProgress') {
        throw invalidState(`Deleting ${stateName(job.state)} Job not allowed`)
      }
      org.jobs.remove(job.id)
      return job.id
    })
    org.files.remove(removed)
    return c.body(null, 204)
  })

  addIngestResultRoutes(app, org, findJob)
  refuseOtherIngestMethods(app)
}

/** The job that a path names. Throws ApiError 404 when there is none. */
export function findJob(org: Org, c: OrgContext): Job {
  versionOf(c.req.param('version') ?? '')
  const job = org.jobs.get(c.req.param('id') ?? '')
  if (job === null || job.kind !== 'ingest') throw notFound()
  return job
}

function invalidState(message: string): ApiError {
  return new ApiError(400, 'INVALIDJOBSTATE', message)
}

/** States as the wording of refusals has them, which is that of the older Bulk API. */
function stateName(state: JobState): string {
  switch (state) {
    case 'UploadComplete':
      return 'Closed'
    case 'JobComplete':
      return 'Completed'
    case 'Open':
    case 'InProgress':
    case 'Failed':
    case 'Aborted':
      return state
  }
}

function refuseUpload(job: Job, isUploading: boolean): void {
  if (job.state !== 'Open') {
    throw invalidState(
      `Failed to upload data, since the Job is not Open. Current job state is '${stateName(job.state)}'`,
    )
  }
  if (isUploading || job.uploadedBytes !== null) {
    throw invalidState(
      `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
    )
  }
}

async function closeJob(org: Org, c: OrgContext): Promise<Job> {
  const found = findJob(org, c)
  const effects =
    found.state === 'Open'
      ? org.faults.takeForJob({
          call: 'bulk.close',
          method: 'PATCH',
          path: c.req.path,
          object: found.object,
          operation: found.operation,
        })
      : []
  const closed = await org.write(() => {
    const job = findJob(org, c)
    if (job.state !== 'Open') {
      throw invalidState(`Closing already ${stateName(job.state)} Job not allowed`)
    }
    org.jobs.update(job.id, { state: 'UploadComplete', effects })
    return findJob(org, c)
  })
  org.bulk.run(closed.id)
  return closed
}

async function abortJob(org: Org, c: OrgContext): Promise<Job> {
  return org.write(() => {
    const job = findJob(org, c)
    abort(org, job)
    return findJob(org, c)
  })
}

/** Ends a job that is not over. Must run inside a transaction. Throws ApiError 400 for others. */
export function abort(org: Org, job: Job): void {
  if (job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted') {
    throw invalidState(`Aborting already ${stateName(job.state)} Job not allowed`)
  }
  org.jobs.update(job.id, { state: 'Aborted', finished: org.jobs.now() })
}
