import { RETRY_JITTER } from '../../contracts/delivery.ts'

/** `Retry-After` is kept within this, in milliseconds: nobody holds deliveries back for days. */
const LONGEST_RETRY_AFTER_MS = 3_600_000
const SHORTEST_RETRY_AFTER_MS = 1_000
/**
 * A pause that takes no step has no other end than the age of the delivery: each is a second longer at least than the
 * one before, up to this, or an endpoint that always says "in a second" would be asked a hundred thousand times.
 */
const LEAST_PAUSE_MS = 60_000

export interface ScheduleOptions {
  /** Seconds from each attempt to the next. */
  readonly delaysSeconds: readonly number[]
  /** From 0 to 1; for the jitter. */
  readonly random: () => number
}

/** When a delivery that failed goes again. */
export interface NextAttempt {
  readonly at: Date
  readonly step: number
}

/** The delay before the step after this one, in milliseconds, with its jitter; null where the ladder is at its end. */
export function delayAfter(step: number, options: ScheduleOptions): number | null {
  const seconds = options.delaysSeconds[step]
  if (seconds === undefined) return null
  return seconds * 1_000 * (1 + RETRY_JITTER * (2 * options.random() - 1))
}

/** How long the whole ladder takes at most, in seconds from the first attempt: after that a delivery has failed. */
export function ladderSeconds(delaysSeconds: readonly number[]): number {
  const sum = delaysSeconds.reduce((total, seconds) => total + seconds, 0)
  return sum * (1 + RETRY_JITTER)
}

/**
 * What follows a failed attempt; null for nothing. An endpoint that says when to come again is believed, within an
 * hour: that takes no step, but the time since the first attempt still counts.
 */
export function nextAttempt(
  delivery: {
    readonly step: number
    readonly attempts: number
    readonly ladderBeganAt: Date | null
  },
  retryAfterMs: number | null,
  now: number,
  options: ScheduleOptions,
): NextAttempt | null {
  const { step, attempts, ladderBeganAt } = delivery
  // What was held, as by a pause, has all the time that others have.
  const deadline = (ladderBeganAt?.getTime() ?? now) + ladderSeconds(options.delaysSeconds) * 1_000
  if (retryAfterMs !== null) {
    const wait = Math.max(pauseOf(retryAfterMs), Math.min(LEAST_PAUSE_MS, attempts * 1_000))
    return now + wait > deadline ? null : { at: new Date(now + wait), step }
  }
  const delay = delayAfter(step, options)
  return delay === null || now > deadline ? null : { at: new Date(now + delay), step: step + 1 }
}

/** How long an endpoint that asks for a pause gets none of its deliveries, in milliseconds. */
export function pauseOf(retryAfterMs: number): number {
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(SHORTEST_RETRY_AFTER_MS, retryAfterMs))
}

/** Milliseconds that `Retry-After` asks for (RFC 9110 10.2.3): seconds or a date; null where it says neither. */
export function readRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  // Date.parse takes almost anything; a date of HTTP begins with a day's name.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, /.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
