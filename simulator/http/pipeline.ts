import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { makeId } from '../ids.ts'
import { admitSession } from '../oauth/admit-session.ts'
import { bearerToken } from '../oauth/bearer-token.ts'
import { allowsApi } from '../oauth/scopes.ts'
import { ApiError } from './api-error.ts'
import { isIngestPatch, nameCall } from './call-names.ts'
import { createLongCalls, type LongCalls } from './long-calls.ts'
import type { Org, OrgContext, OrgEnv } from './org-context.ts'
import { callMethod, requestPath } from './path.ts'
import { CutConnection, limitExceeded, strikeAfter, strikeBefore } from './strike-faults.ts'
import { TokenError } from './token-error.ts'
import { measureWire } from './wire-bytes.ts'

/**
 * What happens around every call of the API: it is named and recorded, faults strike before and
 * after the handler, the session is checked and the call is counted against the limits.
 */
export function createPipeline(org: Org): MiddlewareHandler<OrgEnv> {
  const longCalls = createLongCalls(Date.now)
  return async (c, next) => {
    const began = Date.now()
    const requestId = randomUUID()
    const wire = measureWire(c.env)
    const path = requestPath(c.req.raw)
    const isData = path.startsWith('/services/data/')
    const method = callMethod(c.req.raw)
    const body = isIngestPatch(method, path) ? await readJson(c) : undefined
    const name = nameCall(method, path, stateOf(body))
    const faults = org.faults.takeForCall({
      call: name,
      method: c.req.method,
      path,
      ...subject(org, path),
    })
    c.set('callName', name)
    c.set('faults', faults)
    c.set('patchBody', body)
    c.set('userNumber', 0)
    let status = 0
    try {
      const answer = await strikeBefore(org, c, faults, path)
      if (answer === null) {
        if (isData) {
          c.set('userNumber', await admit(org, c, longCalls))
          const end = longCalls.begin()
          // After a delay the client may be gone already: nothing would tell of its end any more.
          if (c.env.outgoing.destroyed) end()
          else c.env.outgoing.once('close', end)
        }
        await next()
        strikeAfter(c, faults, path)
      } else c.res = answer
      status = c.res.status
    } catch (error) {
      if (error instanceof CutConnection) c.res = new Response(null)
      else if (error instanceof ApiError || error instanceof TokenError) {
        c.res = c.json(error.body(), error.status)
        if (error instanceof TokenError) c.res.headers.set('Cache-Control', 'no-store')
        status = error.status
      } else throw error
    } finally {
      const user = c.var.userNumber
      org.calls.add({
        requestId,
        at: began,
        name,
        method: c.req.method,
        path,
        query: new URL(c.req.url).search,
        user: user === 0 ? null : makeId('005', user),
        status,
        ms: Date.now() - began,
        wire,
        faults: faults.map((fault) => fault.type),
      })
    }
    // A proxy that answers in the org's place knows nothing of these.
    if (faults.some((fault) => fault.type === 'status' && fault.form === 'html')) return
    c.res.headers.set('X-SFDC-Request-Id', requestId)
    const { apiUsed, apiMax } = org.settings()
    // The list of versions and the token endpoint do not count, and say nothing of the limit.
    if (isData) c.res.headers.set('Sforce-Limit-Info', `api-usage=${apiUsed}/${apiMax}`)
  }
}

async function readJson(c: OrgContext): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    // The route answers with the API's own error for a body that is no JSON.
    return undefined
  }
}

function stateOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('state' in body)) return null
  return typeof body.state === 'string' ? body.state : null
}

/** Object and operation of the job that a path names, so that faults can be narrowed to them. */
function subject(org: Org, path: string): { object?: string; operation?: string } {
  const id = /\/jobs\/(?:ingest|query)\/([^/]+)/.exec(path)?.[1]
  if (id !== undefined) {
    const job = org.jobs.get(id)
    return job === null ? {} : { object: job.object, operation: job.operation }
  }
  const object = /\/sobjects\/([^/]+)/.exec(path)?.[1]
  return object === undefined ? {} : { object }
}

/**
 * Refuses calls without a session or over a limit, and counts the others.
 * Gives the number of the session's user.
 */
async function admit(org: Org, c: OrgContext, longCalls: LongCalls): Promise<number> {
  const session = await admitSession(org, bearerToken(c))
  if (session === null) {
    throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
  }
  if (!allowsApi(session.scopes)) {
    // Clients tell this 401 by its message: a refresh would not help.
    const message = 'This session is not valid for use with the REST API'
    throw new ApiError(401, 'INVALID_SESSION_ID', message)
  }
  const settings = org.settings()
  if (settings.apiUsed >= settings.apiMax) throw limitExceeded('daily')
  if (longCalls.lastingOver(settings.longCallMs) >= settings.longCallMax) {
    throw limitExceeded('concurrent')
  }
  org.changeSettings({ apiUsed: settings.apiUsed + 1 })
  return session.userNumber
}
