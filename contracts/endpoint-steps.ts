import type { EndpointInput } from './pump.ts'

/** How an endpoint in trouble stands. Times are milliseconds since 1970. */
export interface EndpointView {
  /** False: the pump sends to it, or nothing is sent at all; the workflow has nothing to do. */
  readonly troubled: boolean
  readonly paused: boolean
  readonly since: number | null
  readonly nextProbeAt: number | null
  readonly failedProbes: number
  readonly consecutiveFailures: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly lastSuccessAt: number | null
  /** Up to a thousand. */
  readonly waiting: number
}

export type ProbeOutcome =
  /** It answered: the pump sends again. */
  | 'recovered'
  | 'failing'
  | 'disabled'
  /** There is nothing to try it with; the next event will be. */
  | 'nothing_waits'
  /** Another attempt is under way, or it is paused. */
  | 'busy'
  /** There is no trouble any more, or no subscription. */
  | 'ended'

export type EndpointWish = EndpointInput & { readonly wish: 'pause' | 'disable' }
