import type { Hono } from 'hono'
import { faultProblem, isPattern } from '../faults/check-fault.ts'
import { faultSchema } from '../faults/fault.ts'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { API_VERSIONS } from '../org.ts'
import { settingsPatchSchema } from '../settings.ts'
import { recordJson } from '../soql/record-json.ts'
import type { Job } from '../store/job-store.ts'
import { readAdminJson } from './admin-json.ts'
import { findObject } from './describe.ts'
import { abort } from './ingest-jobs.ts'
import { ingestJobInfo, queryJobInfo } from './job-info.ts'

const ROOT = '/__simulator'

/** What no real org has: faults, settings, the record of calls, and looks at everything. */
export function addAdminRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get(`${ROOT}/faults`, (c) => c.json({ faults: org.faults.list() }))
  app.post(`${ROOT}/faults`, async (c) => {
    const fault = await readAdminJson(c, faultSchema)
    const problem = faultProblem(fault)
    if (problem !== null) throw new ApiError(400, 'INVALID_PARAMETER', problem)
    return c.json(org.faults.add(fault), 201)
  })
  app.delete(`${ROOT}/faults`, (c) => {
    org.faults.clear()
    return c.body(null, 204)
  })
  app.delete(`${ROOT}/faults/:id`, (c) => {
    if (!org.faults.remove(c.req.param('id'))) throw notFound()
    return c.body(null, 204)
  })

  app.get(`${ROOT}/settings`, (c) => c.json(org.settings()))
  app.patch(`${ROOT}/settings`, async (c) => {
    org.changeSettings(await readAdminJson(c, settingsPatchSchema))
    return c.json(org.settings())
  })

  app.post(`${ROOT}/reset`, async (c) => {
    await org.reset()
    return c.body(null, 204)
  })

  app.get(`${ROOT}/calls`, (c) => {
    const path = c.req.query('path')
    if (path !== undefined && !isPattern(path)) {
      throw new ApiError(400, 'INVALID_PARAMETER', `not a regular expression: ${path}`)
    }
    const since = c.req.query('since')
    const status = c.req.query('status')
    const filter = {
      name: c.req.query('name'),
      method: c.req.query('method')?.toUpperCase(),
      path: path === undefined ? undefined : new RegExp(path, 'i'),
      user: c.req.query('user'),
      status: status === undefined ? undefined : Number(status),
      requestId: c.req.query('requestId'),
      fault: c.req.query('fault'),
      since: since === undefined ? undefined : Number(since),
    }
    const calls = org.calls.find(filter, limitOf(c, 1_000))
    return c.json({ counts: org.calls.counts(), calls })
  })
  app.delete(`${ROOT}/calls`, (c) => {
    org.calls.clear()
    return c.body(null, 204)
  })

  app.get(`${ROOT}/jobs`, (c) => c.json({ jobs: org.jobs.recent(limitOf(c, 100)).map(shown) }))
  app.post(`${ROOT}/jobs/:id/abort`, async (c) => {
    await org.write(() => {
      const job = org.jobs.get(c.req.param('id'))
      if (job === null) throw notFound()
      abort(org, job)
    })
    // The page's button sends a form, and wants to see the page again.
    return c.redirect('/', 303)
  })

  app.get(`${ROOT}/objects`, (c) =>
    c.json({
      objects: org.schema.objects.map((object) => ({
        name: object.name,
        count: org.store.count(object),
      })),
    }),
  )
  app.get(`${ROOT}/objects/:object/count`, (c) => {
    const object = findObject(org, c)
    return c.json({ count: org.store.count(object) })
  })
  app.get(`${ROOT}/objects/:object/records`, (c) => {
    const object = findObject(org, c)
    const limit = limitOf(c, 10_000)
    const after = Number(c.req.query('after') ?? 0)
    const page = org.store.page(object, after, limit)
    const version = API_VERSIONS[API_VERSIONS.length - 1] ?? 0
    const last = page.at(-1)
    return c.json({
      records: page.map((record) => recordJson(object, record, object.fields, version)),
      next: page.length < limit || last === undefined ? null : last.n,
    })
  })
}

function shown(job: Job): object {
  return job.kind === 'ingest' ? ingestJobInfo(job) : queryJobInfo(job)
}

function limitOf(c: OrgContext, fallback: number): number {
  const limit = Number(c.req.query('limit') ?? fallback)
  if (Number.isSafeInteger(limit) && limit > 0) return Math.min(limit, 10_000)
  throw new ApiError(400, 'INVALID_PARAMETER', 'limit must be a positive number')
}
