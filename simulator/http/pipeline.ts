import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MiddlewareHandler } from 'hono'
import type { CallAction } from '../faults/call-action.ts'
import { ApiError } from './api-error.ts'
import { isIngestPatch, nameCall } from './call-names.ts'
import type { Org, OrgContext, OrgEnv } from './org-context.ts'
import { requestPath } from './path.ts'
import { TokenError } from './token-error.ts'
import { truncated } from './truncated.ts'

type Action<T extends CallAction['type']> = Extract<CallAction, { type: T }>

function actionOf<T extends CallAction['type']>(
  actions: readonly CallAction[],
  type: T,
): Action<T> | undefined {
  return actions.find((action): action is Action<T> => action.type === type)
}

/**
 * What happens around every call of the API: it is named and recorded, faults strike before and
 * after the handler, the session is checked and the call is counted against the limit.
 */
export function createPipeline(org: Org): MiddlewareHandler<OrgEnv> {
  return async (c, next) => {
    const began = Date.now()
    const path = requestPath(c.req.raw)
    const body = isIngestPatch(c.req.method, path) ? await readJson(c) : undefined
    const name = nameCall(c.req.method, path, stateOf(body))
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
      await strikeBefore(org, c, faults)
      c.set('userNumber', admit(org, c, path))
      await next()
      status = strikeAfter(c, faults)
    } catch (error) {
      if (error instanceof CutConnection) c.res = new Response(null)
      else if (error instanceof ApiError || error instanceof TokenError) {
        c.res = c.json(error.body(), error.status)
        if (error instanceof TokenError) c.res.headers.set('Cache-Control', 'no-store')
        status = error.status
      } else throw error
    } finally {
      org.calls.add({
        at: began,
        name,
        method: c.req.method,
        path,
        query: new URL(c.req.url).search,
        status,
        ms: Date.now() - began,
        faults: faults.map((fault) => fault.type),
      })
    }
    const { apiUsed, apiMax } = org.settings()
    // The list of versions and the token endpoint do not count, and say nothing of the limit.
    if (path.startsWith('/services/data/')) {
      c.res.headers.set('Sforce-Limit-Info', `api-usage=${apiUsed}/${apiMax}`)
    }
  }
}

class CutConnection extends Error {
  override name = 'CutConnection'
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

function cut(c: OrgContext): never {
  c.env.incoming.socket.destroy()
  throw new CutConnection()
}

/** Faults that prevent the call from having an effect. */
async function strikeBefore(org: Org, c: OrgContext, faults: readonly CallAction[]) {
  for (const fault of faults) {
    if (fault.type === 'delay') await sleep(fault.ms)
  }
  if (actionOf(faults, 'cut_before') !== undefined) cut(c)
  const status = actionOf(faults, 'status')
  if (status !== undefined) {
    // A client that still sends its body would see a broken pipe instead of the answer.
    c.env.incoming.resume()
    if (!c.env.incoming.readableEnded) await finished(c.env.incoming, { writable: false })
    // The schema of faults allows 400 to 599 only.
    const code = status.status as 503
    throw c.var.callName === 'token'
      ? new TokenError(status.errorCode, status.message, code)
      : new ApiError(code, status.errorCode, status.message)
  }
  if (actionOf(faults, 'limit_exceeded') !== undefined) throw limitExceeded()
  if (actionOf(faults, 'expire_session') !== undefined) {
    const token = tokenOf(c)
    if (token !== null) await org.write(() => org.sessions.close(token))
  }
}

/** Faults after the effect; gives the status for the record of calls. */
function strikeAfter(c: OrgContext, faults: readonly CallAction[]): number {
  if (actionOf(faults, 'cut_after') !== undefined) cut(c)
  const truncate = actionOf(faults, 'truncate')
  const status = c.res.status
  if (truncate !== undefined && c.res.body !== null) {
    const { socket } = c.env.incoming
    c.res = new Response(
      truncated(c.res.body, truncate.afterBytes, () => socket.destroy()),
      c.res,
    )
  }
  return status
}

function tokenOf(c: OrgContext): string | null {
  const [scheme = '', token = ''] = (c.req.header('authorization') ?? '').split(' ')
  return /^(bearer|oauth)$/i.test(scheme) && token !== '' ? token : null
}

function limitExceeded(): ApiError {
  return new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
}

/**
 * Refuses calls without a session or over the limit, and counts the others.
 * Gives the number of the session's user; 0 where a call needs no session.
 */
function admit(org: Org, c: OrgContext, path: string): number {
  if (!path.startsWith('/services/data/')) return 0
  const token = tokenOf(c)
  const settings = org.settings()
  const user = token === null ? null : org.sessions.userOf(token, settings.sessionSeconds)
  if (user === null) {
    throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
  }
  if (settings.apiUsed >= settings.apiMax) throw limitExceeded()
  org.changeSettings({ apiUsed: settings.apiUsed + 1 })
  return user
}
