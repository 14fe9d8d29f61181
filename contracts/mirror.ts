import type { BlockReason } from './bulk-job.ts'

/** Objects of an org that are mirrored, in the order in which they are pulled. */
export const MIRROR_OBJECTS = [
  'OpportunityStage',
  'CurrencyType',
  'User',
  'Account',
  'Opportunity',
  'OpportunityHistory',
  'Lead',
] as const
export type MirrorObject = (typeof MIRROR_OBJECTS)[number]

/**
 * What a run does next with an object. `begin`: fields and deletions. `count`: how many rows there are to load. `bulk`
 * and `walk`: all rows, by a Bulk query job or in the order of their ids. `pages`: what changed.
 */
export const MIRROR_PHASES = ['begin', 'count', 'bulk', 'walk', 'pages', 'done'] as const
export type MirrorPhase = (typeof MIRROR_PHASES)[number]

/** `blocked`: a person has to mend the connection, or calls are used up; the next run looks again. */
export const MIRROR_RUN_STATES = ['idle', 'running', 'blocked', 'failed'] as const
export type MirrorRunState = (typeof MIRROR_RUN_STATES)[number]

/** Input of the workflow `syncMirror`; all else is in rows. */
export interface MirrorInput {
  readonly workspaceId: string
  readonly connectionId: string
}

/** A run of it. `holder` names the run, over its continuations. */
export type MirrorRunInput = MirrorInput & { readonly holder: string }

/** `skipped`: another run pulls, or there is nothing to pull from. */
export type MirrorBegin =
  | { readonly status: 'ready' }
  | { readonly status: 'skipped'; readonly why: string }

export interface MirrorObjectProgress {
  readonly object: MirrorObject
  readonly phase: MirrorPhase
  /** Rows that this run has changed here. */
  readonly changed: number
  readonly calls: number
  readonly error: string | null
}

/** What operators see of a run. */
export interface MirrorProgress {
  readonly state: 'running' | 'finished'
  /** Milliseconds until there is something to look at again; 0 where there is work. */
  readonly waitMs: number
  readonly objects: readonly MirrorObjectProgress[]
}

export type EndMirrorInput = MirrorRunInput & {
  readonly state: 'idle' | 'blocked' | 'failed'
  readonly reason: BlockReason | null
  readonly detail: string | null
}

/** Result of the workflow `syncMirror`. */
export interface MirrorResult {
  readonly state: 'idle' | 'blocked' | 'failed' | 'skipped'
  readonly detail: string | null
}
