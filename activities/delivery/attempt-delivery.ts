import { type AttemptCause, RESPONSE_KEPT_CHARACTERS } from '../../contracts/delivery.ts'
import type { ClaimedDelivery } from '../../db/webhook-delivery-queue.ts'
import type { AttemptResult } from '../../db/webhook-delivery-results.ts'
import type { OutboundAnswer, OutboundResult } from '../../outbound/outbound-result.ts'
import type { SafeFetch } from '../../outbound/safe-fetch.ts'
import { signDelivery } from '../../security/sign-delivery.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import type { DeliveryTarget } from './delivery-targets.ts'
import { nextAttempt, pauseOf, readRetryAfter, type ScheduleOptions } from './retry-schedule.ts'

/** An attempt, and what it tells of the endpoint. */
export interface Attempt {
  readonly result: AttemptResult
  /** The endpoint wants no more (410). */
  readonly gone: boolean
  /** It ran into the time-out. */
  readonly timedOut: boolean
  /** It asked for a pause, and is not in trouble for that. */
  readonly throttledUntil: Date | null
}

export interface AttemptOptions {
  readonly fetch: SafeFetch
  readonly schedule: ScheduleOptions
  readonly cause: AttemptCause
}

/** Statuses by which an endpoint says that it is too much for now (Standard Webhooks 1.0; RFC 9110 for 503). */
const THROTTLING = new Set([429, 502, 503, 504])
const USER_AGENT = 'Conveyor-Webhooks/1'

/** Sends a delivery once. Whatever comes of it is a result. */
export async function attemptDelivery(
  delivery: ClaimedDelivery,
  { target, secrets }: DeliveryTarget,
  body: string | null,
  options: AttemptOptions,
): Promise<Attempt> {
  const startedAt = new Date()
  const answer: OutboundResult =
    body === null
      ? unsendable('The event is not there any more, or does not open.')
      : await send(delivery.eventId, startedAt, body)
  const now = Date.now()
  const delivered = answer.kind === 'answer' && answer.status < 300
  const retryAfterMs = delivered ? null : retryAfterOf(answer, now)
  // What is not there any more does not come back.
  const next =
    delivered || body === null ? null : nextAttempt(delivery, retryAfterMs, now, options.schedule)
  const result: AttemptResult = {
    attemptId: `att_${uuidV7(startedAt.getTime())}`,
    sequence: delivery.sequence,
    token: delivery.token,
    deliveryId: delivery.deliveryId,
    deliveryCreatedAt: delivery.createdAt,
    deliveryCreatedAtText: delivery.createdAtText,
    workspaceId: delivery.workspaceId,
    subscriptionId: delivery.subscriptionId,
    eventId: delivery.eventId,
    number: delivery.attempts + 1,
    cause: options.cause,
    url: target.url,
    requestBytes: body === null ? 0 : Buffer.byteLength(body),
    startedAt,
    durationMs: answer.durationMs,
    status: answer.status,
    error: delivered ? null : answer.kind === 'answer' ? 'http_status' : answer.failure,
    errorMessage: delivered
      ? null
      : answer.kind === 'answer'
        ? `The endpoint answered ${answer.status}.`
        : answer.message,
    ...responseOf(answer),
    outcome: delivered ? 'delivered' : next === null ? 'failed' : 'again',
    nextAttemptAt: next?.at ?? null,
    nextStep: next?.step ?? delivery.step,
  }
  return {
    result,
    gone: answer.status === 410,
    timedOut: answer.kind === 'failure' && answer.failure === 'timeout',
    throttledUntil:
      retryAfterMs === null ? null : (next?.at ?? new Date(now + pauseOf(retryAfterMs))),
  }

  async function send(id: string, at: Date, text: string): Promise<OutboundResult> {
    const signers = secrets(at.getTime())
    if (signers.length === 0) return unsendable('The secret that signs it does not open.')
    return options.fetch.send({
      method: 'POST',
      url: target.url,
      headers: {
        'content-type': 'application/json',
        'user-agent': USER_AGENT,
        ...signDelivery(signers, id, at, text),
      },
      body: text,
    })
  }
}

function unsendable(message: string): OutboundResult {
  return {
    kind: 'failure',
    failure: 'invalid_request',
    message,
    status: null,
    mayHaveArrived: false,
    durationMs: 0,
  }
}

/** Null where the endpoint does not ask for a pause. */
function retryAfterOf(answer: OutboundResult, now: number): number | null {
  if (answer.kind !== 'answer' || !THROTTLING.has(answer.status)) return null
  const header = answer.headers['retry-after']
  return readRetryAfter(typeof header === 'string' ? header : undefined, now)
}

/** As text, whatever it is: shown to the endpoint's owner, never rendered. */
function responseOf(
  answer: OutboundResult,
): Pick<AttemptResult, 'responseBody' | 'responseTruncated'> {
  if (answer.kind === 'failure' || answer.body.length === 0) {
    return { responseBody: null, responseTruncated: false }
  }
  const text = plainText(answer)
  return {
    responseBody: text.slice(0, RESPONSE_KEPT_CHARACTERS).toWellFormed(),
    responseTruncated: answer.truncated || text.length > RESPONSE_KEPT_CHARACTERS,
  }
}

/** Postgres keeps no NUL. */
function plainText({ body }: OutboundAnswer): string {
  return body.toString('utf8').replaceAll('\0', '�')
}
