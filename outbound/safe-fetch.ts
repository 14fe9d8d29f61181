import { Agent } from 'undici'
import type { AddressRules } from '../security/address-rules.ts'
import { checkCallbackUrl } from '../security/callback-url.ts'
import { classifyFailure } from './classify-failure.ts'
import { guardedConnector } from './guarded-connector.ts'
import { type Resolve, resolveBySystem } from './guarded-lookup.ts'
import type { OutboundFailure, OutboundResult } from './outbound-result.ts'
import { readBeginning } from './read-beginning.ts'

export interface OutboundRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** As the caller gave it; checked here again. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | null
  readonly signal?: AbortSignal
}

export interface SafeFetchOptions {
  readonly rules: AddressRules
  /** Milliseconds for lookup, connection and TLS together. */
  readonly connectMs: number
  /** Milliseconds for the whole call. */
  readonly totalMs: number
  /** Bytes of a body that are read at most; a longer one is a failure. */
  readonly maxResponseBytes: number
  /** Connections to one host at once. */
  readonly connectionsPerHost: number
  readonly resolve?: Resolve
  /** Certificate authorities, in PEM, instead of the usual ones. */
  readonly ca?: string
  /**
   * The status says it all: no more of a body is read than this many bytes, and no longer than so many milliseconds.
   * Otherwise a body beyond the limit, or the time, is a failure.
   */
  readonly beginningOnly?: { readonly bytes: number; readonly ms: number }
}

export interface SafeFetch {
  /** One request, one answer: no redirect, no repeat, no proxy. Whatever goes wrong is a result, never a rejection. */
  send(request: OutboundRequest): Promise<OutboundResult>
  /** Waits for the calls under way. */
  close(): Promise<void>
}

/** The one way to call a URL that a caller gave. */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const { rules, connectMs, totalMs, maxResponseBytes, beginningOnly } = options
  const agent = new Agent({
    connect: guardedConnector({
      ...{ rules, connectMs },
      resolve: options.resolve ?? resolveBySystem,
      ca: options.ca ?? null,
    }),
    allowH2: false,
    // A request is written once: none waits behind another, to be sent again when that one breaks.
    pipelining: 1,
    connections: options.connectionsPerHost,
    headersTimeout: totalMs,
    bodyTimeout: totalMs,
    // Where the beginning will do, a longer body is no failure.
    maxResponseSize: beginningOnly === undefined ? maxResponseBytes : -1,
    maxHeaderSize: 16_384,
    keepAliveTimeout: 10_000,
  })

  async function send(request: OutboundRequest): Promise<OutboundResult> {
    const began = performance.now()
    const ended = () => Math.round(performance.now() - began)
    const fail = (failure: Omit<OutboundFailure, 'kind' | 'durationMs'>): OutboundFailure => ({
      kind: 'failure',
      ...failure,
      durationMs: ended(),
    })
    const checked = checkCallbackUrl(request.url, rules)
    if (!checked.ok) {
      const failure = checked.refusal === 'address' ? 'refused_address' : 'refused_url'
      return fail({ failure, message: checked.message, status: null, mayHaveArrived: false })
    }
    const { url } = checked
    const deadline = AbortSignal.timeout(totalMs)
    const signal =
      request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
    try {
      const answer = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...request.headers },
        body: request.body,
        signal,
      })
      const status = answer.statusCode
      if (status >= 300 && status < 400) {
        // Nobody reads it, and an error that nobody hears ends the process.
        answer.body.on('error', () => {}).destroy()
        const message = `The host answers ${status}, a redirect; give the URL that it leads to.`
        return fail({ failure: 'redirect', message, status, mayHaveArrived: true })
      }
      const { headers } = answer
      if (beginningOnly !== undefined) {
        const durationMs = ended()
        answer.body.on('error', () => {})
        const { bytes, ms } = beginningOnly
        const { bytes: body, truncated } = await readBeginning(answer.body, bytes, ms)
        return { kind: 'answer', status, headers, body, truncated, durationMs }
      }
      const body = Buffer.from(await answer.body.arrayBuffer())
      return { kind: 'answer', status, headers, body, truncated: false, durationMs: ended() }
    } catch (error) {
      const isAborted = request.signal?.aborted ?? false
      return fail({ ...classifyFailure(error, deadline.aborted, isAborted), status: null })
    }
  }

  return { send, close: () => agent.close() }
}
