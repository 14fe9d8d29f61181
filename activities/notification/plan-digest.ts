import { severityRank } from '../../contracts/severity.ts'
import type { WaitingItems } from '../../db/notification-items.ts'

export interface DigestSettings {
  /** What follows a message gathers for this long, in milliseconds. */
  readonly windowMs: number
  /** Under continuing load the window grows up to this. */
  readonly longestWindowMs: number
  /** So many items end the window early. */
  readonly flushAt: number
  /** Between two messages of a channel, and two looks at what waits, in milliseconds. */
  readonly paceMs: number
}

/** The window that a channel is in. */
export interface DigestWindow {
  readonly beganAt: Date | null
  readonly ms: number
  readonly mayFlush: boolean
}

export type DigestPlan =
  | {
      readonly kind: 'send'
      readonly cause: 'event' | 'digest'
      readonly next: Omit<DigestWindow, 'beganAt'>
    }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly lookAgainMs: number }

/** Under load each window is longer than the one before. */
const GROWTH = 1.5
const URGENT = severityRank('error')

/**
 * When what waits is told. After a silence at once; then what comes gathers for a window. Many items, or a severe
 * one, end it early, once: until a window has gathered few, every message is as far from the last one as can be, so
 * that a flood of events is a message a minute.
 */
export function planDigest(
  waiting: WaitingItems,
  window: DigestWindow,
  now: Date,
  settings: DigestSettings,
): DigestPlan {
  const isMany = waiting.count >= settings.flushAt
  const endsAt = window.beganAt === null ? null : window.beganAt.getTime() + window.ms
  if (endsAt === null || waiting.oldestQueuedAt.getTime() >= endsAt) {
    return { kind: 'send', cause: 'event', next: { ms: settings.windowMs, mayFlush: !isMany } }
  }
  const longer = Math.min(settings.longestWindowMs, Math.round(window.ms * GROWTH))
  if (now.getTime() >= endsAt) {
    return { kind: 'send', cause: 'digest', next: { ms: longer, mayFlush: !isMany } }
  }
  if (window.mayFlush && (isMany || waiting.mostSevere >= URGENT)) {
    return {
      kind: 'send',
      cause: 'digest',
      next: { ms: settings.longestWindowMs, mayFlush: false },
    }
  }
  const waitMs = endsAt - now.getTime()
  // What comes meanwhile changes nothing where the window cannot end early.
  return {
    kind: 'wait',
    waitMs,
    lookAgainMs: window.mayFlush ? Math.min(waitMs, settings.paceMs) : waitMs,
  }
}
