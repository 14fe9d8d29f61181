/** `failed`: deliveries that failed; `missing`: events that were not delivered; `event`: one event to all that match. */
export const REPLAY_KINDS = ['failed', 'missing', 'event'] as const
export type ReplayKind = (typeof REPLAY_KINDS)[number]

export const REPLAY_STATES = ['running', 'completed', 'cancelled', 'failed'] as const
export type ReplayState = (typeof REPLAY_STATES)[number]

/** Input of the workflow `replay`: all else is in the row. */
export interface ReplayInput {
  readonly workspaceId: string
  readonly replayId: string
}

/** What operators see of a replay, and its result. */
export interface ReplayProgress {
  readonly state: ReplayState
  readonly kind: ReplayKind
  /** Rows that were looked at. */
  readonly lookedAt: number
  /** Those that are to be delivered. */
  readonly found: number
  /** Deliveries that were made. */
  readonly queued: number
  /** Up to where it came, as ISO 8601; null at the beginning. */
  readonly reached: string | null
  /** Too many deliveries wait already: it goes on when some have left. */
  readonly waits: boolean
  readonly error: string | null
}

export type EndReplayInput = ReplayInput & {
  readonly state: 'cancelled' | 'failed'
  readonly error: string | null
}
