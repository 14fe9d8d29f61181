import type { Readable } from 'node:stream'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { type AnswerListener, readApiUsage } from './api-answer.ts'
import type { CallEffect } from './errors.ts'
import type { IncomingHttpHeaders } from './http-headers.ts'
import { ConnectFailure, networkFailure } from './network-failure.ts'

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Readable
  /** What the call may have done where its answer is lost. */
  readonly effect: CallEffect
  readonly signal: AbortSignal | undefined
  /** Closes the connection afterwards, for calls too rare to keep one open. */
  readonly closeAfter?: boolean
}

/** An answer whose body is still to be read or discarded. */
export interface ExchangeAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  /** Names the call in messages. */
  readonly what: string
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher
  /** Longest silence, in milliseconds, before the headers and between two pieces of a body. No total limit. */
  readonly timeoutMs: number
  readonly onAnswer: AnswerListener
}

export type Exchange = (request: ExchangeRequest) => Promise<ExchangeAnswer>

const LONGEST_CONNECT_MS = 10_000

/**
 * Connections to Salesforce: HTTP/1.1 and one request at a time on each, so that no request is ever sent
 * again by the transport itself, and failures to connect marked as such.
 */
export function createSalesforceAgent(timeoutMs: number): Agent {
  const connect = buildConnector({
    allowH2: false,
    timeout: Math.min(timeoutMs, LONGEST_CONNECT_MS),
  })
  return new Agent({
    allowH2: false,
    pipelining: 1,
    connect: (options, callback) =>
      connect(options, (...outcome) => {
        if (outcome[0] === null) callback(null, outcome[1])
        else callback(new ConnectFailure(outcome[0]), null)
      }),
  })
}

/** One request and its answer: no repeat, no redirect. Refusals are answers here; only their lack is an error. */
export function createExchange({ dispatcher, timeoutMs, onAnswer }: ExchangeOptions): Exchange {
  return async (request) => {
    const { method, url, headers, body, effect, signal } = request
    const what = `${method} ${url.pathname}`
    if (signal?.aborted) {
      // Not even begun, so the effect is known.
      throw networkFailure(signal.reason, what, 'none', signal)
    }
    const started = performance.now()
    const answer = await dispatcher
      .request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'accept-encoding': 'identity', ...headers },
        body: body ?? null,
        signal: signal ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        reset: request.closeAfter ?? false,
      })
      .catch((error: unknown) => {
        throw networkFailure(error, what, effect, signal)
      })
    // The connection may be cut while the listener is awaited, and a body that nobody wants is destroyed
    // below: an error event that nobody listens for ends the process. Who reads the body meets it anyway.
    answer.body.on('error', () => {})
    try {
      await onAnswer({
        method,
        path: url.pathname,
        httpStatus: answer.statusCode,
        durationMs: Math.round(performance.now() - started),
        apiUsage: readApiUsage(answer.headers),
      })
    } catch (error) {
      answer.body.destroy()
      throw error
    }
    return { status: answer.statusCode, headers: answer.headers, body: answer.body, what }
  }
}
