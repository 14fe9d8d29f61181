import type { ChannelKind } from '../../contracts/notification.ts'
import type { AttemptTrouble } from '../../db/notification-messages.ts'
import type { OutboundAnswer, OutboundResult } from '../../outbound/outbound-result.ts'

export type Verdict =
  | {
      readonly kind: 'sent'
      readonly status: number
      readonly platformId: string | null
      /** Nothing is sent to the channel for so long. */
      readonly holdMs: number
    }
  /** `afterMs`: as the platform says; null leaves it to the schedule. */
  | { readonly kind: 'retry'; readonly trouble: AttemptTrouble; readonly afterMs: number | null }
  /** The message as it is will never be taken. */
  | { readonly kind: 'refused_form'; readonly trouble: AttemptTrouble }
  /** No message will ever be taken there. */
  | { readonly kind: 'refused_channel'; readonly trouble: AttemptTrouble }

/** Waits that a platform asks for are kept within these. */
const LEAST_WAIT_MS = 250
const LONGEST_WAIT_MS = 600_000
/** Seconds beyond which a wait was most likely meant as milliseconds: Discord was seen to send those. */
const DOUBTFUL_SECONDS = 3_600
const SAID_CHARACTERS = 200

/** What a platform's answer means. The channel's pace between two messages is the least that follows one. */
export function judgeAnswer(kind: ChannelKind, result: OutboundResult, paceMs: number): Verdict {
  if (result.kind === 'failure') {
    const { failure, message, status } = result
    const trouble = { status, error: failure, message }
    // The rules for URLs have become stricter since it was stored; nothing but another URL helps.
    if (failure === 'refused_url') return { kind: 'refused_channel', trouble }
    // Also after `timeout` and `connection_lost`, which may have arrived: Slack and Discord take no key by which they
    // would leave out what comes twice, and a notice told twice is better than one that is not told.
    return { kind: 'retry', trouble, afterMs: null }
  }
  const { status } = result
  if (status < 300) {
    return {
      ...{ kind: 'sent', status, platformId: kind === 'discord' ? idOf(result) : null },
      holdMs: Math.max(paceMs, kind === 'discord' ? resetOf(result) : 0),
    }
  }
  const trouble = { status, error: 'http_status', message: saidOf(kind, result) }
  if (status === 429) return { kind: 'retry', trouble, afterMs: retryAfterOf(kind, result) }
  if (status >= 500 || status === 408) return { kind: 'retry', trouble, afterMs: null }
  const isTerminal = kind === 'slack' ? [403, 404, 410] : [401, 403, 404]
  return { kind: isTerminal.includes(status) ? 'refused_channel' : 'refused_form', trouble }
}

/** Milliseconds until a bucket that this message emptied is full again; 0 where it is not empty. */
function resetOf(answer: OutboundAnswer): number {
  if (headerOf(answer, 'x-ratelimit-remaining') !== '0') return 0
  return waitOf(headerOf(answer, 'x-ratelimit-reset-after')) ?? 0
}

/** Discord says it in the body, to the millisecond, and rounded up in the header. */
function retryAfterOf(kind: ChannelKind, answer: OutboundAnswer): number | null {
  const body = kind === 'discord' ? jsonOf(answer)['retry_after'] : undefined
  return waitOf(body) ?? waitOf(headerOf(answer, 'retry-after'))
}

function waitOf(seconds: unknown): number | null {
  const text = typeof seconds === 'number' ? String(seconds) : seconds
  if (typeof text !== 'string' || !/^\d+(\.\d+)?$/.test(text)) return null
  const given = Number(text)
  const ms = given > DOUBTFUL_SECONDS ? given : given * 1_000
  return Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, Math.ceil(ms)))
}

function headerOf({ headers }: OutboundAnswer, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

function idOf(answer: OutboundAnswer): string | null {
  const { id } = jsonOf(answer)
  return typeof id === 'string' && /^\d{1,30}$/.test(id) ? id : null
}

function jsonOf({ body }: OutboundAnswer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString())
    // An object, as just looked at.
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch {
    // A page of a proxy, or nothing at all: it says nothing that is looked for.
  }
  return {}
}

/** The platform's own word for it, as far as it is one: a page of a proxy is left out. */
function saidOf(kind: ChannelKind, answer: OutboundAnswer): string {
  const body = answer.body.toString().trim()
  if (kind === 'slack') return /^[a-z_]{1,100}$/.test(body) ? body : `HTTP ${answer.status}`
  const { message, code } = jsonOf(answer)
  if (typeof message !== 'string') return `HTTP ${answer.status}`
  const said = message.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, SAID_CHARACTERS)
  return typeof code === 'number' ? `${said} (${code})` : said
}
