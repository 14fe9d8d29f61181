import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { type BodyContext, discard, passOn, readErrorText, readJsonText } from './answer-body.ts'
import {
  type CallEffect,
  isSalesforceError,
  SalesforceError,
  type SalesforceErrorKind,
} from './errors.ts'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from './exchange.ts'
import { readRetryAfterMs } from './http-headers.ts'
import { networkFailure } from './network-failure.ts'
import { readApiRefusal } from './refusal.ts'
import type { SessionSource } from './session-flight.ts'
import type { SalesforceSession } from './token-answer.ts'

export interface Call {
  readonly method: ExchangeRequest['method']
  /** A path from the root of the instance, or a URL that Salesforce gave, which must be on the instance. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** A value is sent as JSON; a function opens a stream anew for each time that the call is sent. */
  readonly json?: unknown
  readonly stream?: { readonly open: () => Readable; readonly contentLength: number }
  /** Statuses besides 2xx that are no refusals. */
  readonly accept?: readonly number[]
  readonly signal: AbortSignal | undefined
  /** Sends no token. */
  readonly anonymous?: boolean
}

export interface Caller {
  /** Answer with a JSON body. GETs are repeated a little; nothing else is. */
  json<Schema extends z.ZodType>(call: Call, schema: Schema): Promise<z.output<Schema>>
  /** As `json`, for answers that need more than their body. */
  read<T>(
    call: Call,
    read: (answer: ExchangeAnswer, context: BodyContext) => Promise<T>,
  ): Promise<T>
  /** An answer without a body that matters. */
  done(call: Call): Promise<void>
  /** The body as a stream that fails where it ends early; never repeated. Null for 204. */
  stream(call: Call): Promise<{ headers: ExchangeAnswer['headers']; body: Readable | null }>
}

export type FailureListener = (kind: SalesforceErrorKind) => void

/** Waits before the first and the second repeat of a GET, in milliseconds. */
const REPEAT_AFTER_MS = [200, 800] as const
/** A server that wants a longer pause is left to the caller's own schedule. */
const LONGEST_PAUSE_MS = 5_000

/** Calls with a session: renewed once on 401, refusals as errors, and GETs repeated at most twice. */
export function createCaller(
  exchange: Exchange,
  sessions: SessionSource,
  onFailure: FailureListener = () => {},
): Caller {
  /**
   * Sends a call until it has its answer. A 401 says that Salesforce did nothing but look at the token, so
   * the call is sent once more with a new one, whatever its method. That holds for an upload too: nothing
   * of its body was stored, and `stream.open` starts the same body anew. It stays the job's one upload.
   *
   * Getting a session is outside of what is repeated: where the answer to a rotating refresh was lost,
   * presenting the old refresh token again would revoke its successor.
   */
  async function attempt<T>(call: Call, read: Read<T>, repeatable: boolean): Promise<T> {
    let session = await sessions.current(call.signal)
    let renewed = call.anonymous ?? false
    for (let repeats = 0; ; ) {
      try {
        const answer = await exchange(requestOf(call, session))
        if (answer.status !== 401 || renewed) {
          return await read(await acceptOrThrow(call, answer), contextOf(call))
        }
        await discard(answer.body)
      } catch (error) {
        if (isSalesforceError(error)) onFailure(error.kind)
        const pauseMs = repeatable ? pauseBeforeRepeat(error, repeats) : null
        if (pauseMs === null) throw error
        await pause(pauseMs, call)
        repeats += 1
        continue
      }
      session = await sessions.renew(session, call.signal)
      renewed = true
    }
  }

  const read: Caller['read'] = (call, take) => attempt(call, take, call.method === 'GET')

  return {
    read,
    json: (call, schema) =>
      read(call, async (answer, context) => {
        const text = await readJsonText(answer.body, context)
        return parseAnswer(text, schema, answer, context)
      }),
    done: (call) => read(call, (answer) => discard(answer.body)),
    stream: (call) =>
      attempt(
        call,
        async (answer, context) => {
          if (answer.status !== 204) {
            return { headers: answer.headers, body: passOn(answer.body, context) }
          }
          await discard(answer.body)
          return { headers: answer.headers, body: null }
        },
        false,
      ),
  }
}

type Read<T> = (answer: ExchangeAnswer, context: BodyContext) => Promise<T>

function requestOf(call: Call, session: SalesforceSession): ExchangeRequest {
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers }
  if (!call.anonymous) headers['authorization'] = `Bearer ${session.accessToken}`
  const base = {
    method: call.method,
    url: urlOnInstance(call.target, session),
    effect: effectOf(call),
    signal: call.signal,
  }
  if (call.json !== undefined) {
    headers['content-type'] = 'application/json; charset=UTF-8'
    return { ...base, headers, body: JSON.stringify(call.json) }
  }
  if (call.stream) {
    headers['content-length'] = String(call.stream.contentLength)
    return { ...base, headers, body: call.stream.open() }
  }
  return { ...base, headers }
}

/** The token must not leave for another host, whatever an answer says. */
function urlOnInstance(target: string, session: SalesforceSession): URL {
  const url = URL.parse(target, `${session.instanceUrl}/`)
  if (url !== null && url.origin === session.instanceUrl) return url
  throw new SalesforceError({
    kind: 'invalid_answer',
    message: `Salesforce named an address that is not on ${session.instanceUrl}.`,
  })
}

function effectOf(call: Call): CallEffect {
  return call.method === 'GET' ? 'none' : 'unknown'
}

function contextOf(call: Call): BodyContext {
  const path = call.target.split('?', 1)[0] ?? ''
  return { what: `${call.method} ${path}`, effect: effectOf(call), signal: call.signal }
}

async function acceptOrThrow(call: Call, answer: ExchangeAnswer): Promise<ExchangeAnswer> {
  const { status } = answer
  if ((status >= 200 && status < 300) || call.accept?.includes(status)) return answer
  const refusal = readApiRefusal(status, await readErrorText(answer.body))
  // A refusal in Salesforce's words did nothing. A server error, or a page from something in between
  // that may have cut the call short, proves nothing.
  const uncertain = refusal.kind === 'unavailable' || refusal.kind === 'invalid_answer'
  throw new SalesforceError({
    ...refusal,
    httpStatus: status,
    effect: uncertain ? effectOf(call) : 'none',
    retryAfterMs: readRetryAfterMs(answer.headers),
  })
}

/** @throws SalesforceError `invalid_answer`, with the effect of the call: what was answered may well be done. */
export function parseAnswer<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  answer: ExchangeAnswer,
  context: BodyContext,
): z.output<Schema> {
  const invalid = (problem: string, cause: unknown) =>
    new SalesforceError({
      kind: 'invalid_answer',
      message: `${answer.what} answered ${answer.status}, but ${problem}.`,
      httpStatus: answer.status,
      effect: context.effect,
      cause,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid('not with JSON', error)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const places = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join('.') || 'the whole')
  throw invalid(`these parts cannot be read: ${places.join(', ')}`, parsed.error)
}

/** Milliseconds until the next try; null where there is none. */
function pauseBeforeRepeat(error: unknown, repeats: number): number | null {
  const base = REPEAT_AFTER_MS[repeats]
  if (base === undefined || !isSalesforceError(error)) return null
  if (error.kind !== 'not_sent' && error.kind !== 'unavailable' && error.kind !== 'no_answer') {
    return null
  }
  const asked = error.retryAfterMs ?? 0
  if (asked > LONGEST_PAUSE_MS) return null
  // Spread out, so that callers that failed together do not come back together.
  return Math.max(asked, base * (0.5 + Math.random()))
}

async function pause(ms: number, call: Call): Promise<void> {
  try {
    await sleep(ms, undefined, call.signal ? { signal: call.signal } : {})
  } catch (error) {
    throw networkFailure(error, contextOf(call).what, 'none', call.signal)
  }
}
