import { setTimeout as sleep } from 'node:timers/promises'
import type { CallAction } from '../faults/call-action.ts'
import { bearerToken } from '../oauth/bearer-token.ts'
import { ApiError } from './api-error.ts'
import { drain } from './drain.ts'
import type { Org, OrgContext } from './org-context.ts'
import { slowed } from './slowed.ts'
import { statusAnswer } from './status-fault.ts'
import { truncated } from './truncated.ts'

type Action<T extends CallAction['type']> = Extract<CallAction, { type: T }>

/** The connection of a call is gone: there is nobody to answer. */
export class CutConnection extends Error {
  override name = 'CutConnection'
}

function actionOf<T extends CallAction['type']>(
  actions: readonly CallAction[],
  type: T,
): Action<T> | undefined {
  return actions.find((action): action is Action<T> => action.type === type)
}

/** The refusal of a call over the limit, in the words of the limit that it is over. */
export function limitExceeded(limit: 'daily' | 'concurrent'): ApiError {
  const message =
    limit === 'daily'
      ? 'TotalRequests Limit exceeded.'
      : 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'
  return new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', message)
}

/** Faults that prevent the call from having an effect; an answer where they give one. */
export async function strikeBefore(
  org: Org,
  c: OrgContext,
  faults: readonly CallAction[],
  path: string,
): Promise<Response | null> {
  for (const fault of faults) {
    if (fault.type === 'delay') await sleep(fault.ms)
  }
  if (actionOf(faults, 'cut_before') !== undefined) cut(c)
  const reset = actionOf(faults, 'reset_upload')
  if (reset !== undefined) await resetUpload(c, reset.afterBytes)
  const status = faults.find((fault) => fault.type === 'status' && !fault.after)
  if (status?.type === 'status') {
    await drain(c.env.incoming)
    return statusAnswer(status, path)
  }
  const limit = actionOf(faults, 'limit_exceeded')
  if (limit !== undefined) throw limitExceeded(limit.limit)
  if (actionOf(faults, 'expire_session') !== undefined) {
    const token = bearerToken(c)
    if (token !== null) await org.write(() => org.sessions.close(token))
  }
  return null
}

/** Faults after the effect. */
export function strikeAfter(c: OrgContext, faults: readonly CallAction[], path: string): void {
  if (actionOf(faults, 'cut_after') !== undefined) cut(c)
  const status = faults.find((fault) => fault.type === 'status' && fault.after)
  if (status?.type === 'status') {
    // Otherwise headers of the true answer would be kept.
    c.res = undefined
    c.res = statusAnswer(status, path)
  }
  const slow = actionOf(faults, 'slow_body')
  if (slow !== undefined && c.res.body !== null) {
    c.res = new Response(slowed(c.res.body, slow.bytesPerSecond), c.res)
  }
  const truncate = actionOf(faults, 'truncate')
  if (truncate !== undefined && c.res.body !== null) {
    const { socket } = c.env.incoming
    c.res = new Response(
      truncated(c.res.body, truncate.afterBytes, () => socket.destroy()),
      c.res,
    )
  }
}

function cut(c: OrgContext): never {
  c.env.incoming.socket.destroy()
  throw new CutConnection()
}

async function resetUpload(c: OrgContext, afterBytes: number): Promise<never> {
  const { incoming } = c.env
  let bytes = 0
  await new Promise<void>((resolve) => {
    if (incoming.readableEnded || afterBytes === 0) return resolve()
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes >= afterBytes) resolve()
    })
    incoming.once('close', resolve)
    incoming.once('end', resolve)
  })
  incoming.socket.resetAndDestroy()
  throw new CutConnection()
}
