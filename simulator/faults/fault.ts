import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'
import { type CallAction, callActionSchemas } from './call-action.ts'
import { type PushAction, pushActionSchemas } from './push-action.ts'

/** Faults that a test asks for, as the admin route takes them. */

const rowsSchema = z.union([
  z.strictObject({ everyKth: z.int().min(1) }),
  z.strictObject({ field: z.string(), equals: z.array(z.string()).min(1) }),
  z.strictObject({ field: z.string(), pattern: z.string() }),
  /** Rows drawn at random: the same ones for the same seed and job. */
  z.strictObject({ share: z.number().min(0).max(1) }),
  /** Rows whose write locks one of these records: their parent, or the record itself. */
  z.strictObject({ locks: z.array(z.string()).min(1) }),
])

/** What a chosen row is refused with where a test asks for nothing else. */
export const DEFAULT_ROW_ERROR = {
  code: 'UNABLE_TO_LOCK_ROW',
  message: 'unable to obtain exclusive access to this record',
} as const

/** Effects that a job carries with it from the moment it is closed. They survive a restart. */
const effectSchemas = [
  z.strictObject({
    type: z.literal('row_error'),
    rows: rowsSchema,
    code: z.string().default(DEFAULT_ROW_ERROR.code),
    message: z.string().default(DEFAULT_ROW_ERROR.message),
    fields: z.array(z.string()).default([]),
    /** How often each chosen row fails, over all jobs that try it; `null` for always. */
    firstTries: z.int().min(1).nullable().default(1),
  }),
  z.strictObject({
    type: z.literal('stuck'),
    ms: milliseconds,
    afterRows: z.int().min(0).default(0),
  }),
  z.strictObject({
    type: z.literal('fail_job'),
    afterRows: z.int().min(0),
    message: z
      .string()
      .default('InternalServerError : Batch failed. Retry limit exceeded for the job'),
    retries: z.int().min(0).default(20),
  }),
  /** The number that the job shows as tried again, although it goes through. */
  z.strictObject({ type: z.literal('retries'), retries: z.int().min(1) }),
  z.strictObject({
    type: z.literal('late_commits'),
    /** Internal batches that still commit after `Aborted` was answered. */
    batches: z.int().min(1),
    delayMs: milliseconds.default(200),
  }),
] as const

export const faultSchema = z.strictObject({
  match: z
    .strictObject({
      /** A named call such as `bulk.upload`. */
      call: z.string().optional(),
      method: z.string().optional(),
      /** A regular expression over the path. */
      path: z.string().optional(),
      object: z.string().optional(),
      operation: z.string().optional(),
      /** The number of a push subscription. */
      subscription: z.int().optional(),
    })
    .default({}),
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
  probability: z.number().min(0).max(1).default(1),
  /** So many calls that match are let through first. */
  after: z.int().min(0).default(0),
  /** Of those that follow, only each so-many-th is struck. */
  everyKth: z.int().min(1).default(1),
  action: z.discriminatedUnion('type', [
    ...callActionSchemas,
    ...effectSchemas,
    ...pushActionSchemas,
  ]),
})

export type FaultRequest = z.infer<typeof faultSchema>
export type FaultAction = FaultRequest['action']

const effectSchema = z.discriminatedUnion('type', effectSchemas)
export type EffectAction = z.infer<typeof effectSchema>

/** An effect on a job, with the fault that it comes from. */
export type JobEffect = EffectAction & { readonly fault: string }

/** Where an action works: on one HTTP call, inside a job, or on a push. */
export function placeOf(action: FaultAction): 'call' | 'job' | 'push' {
  switch (action.type) {
    case 'row_error':
    case 'stuck':
    case 'fail_job':
    case 'retries':
    case 'late_commits':
      return 'job'
    case 'delay':
    case 'status':
    case 'cut_before':
    case 'cut_after':
    case 'reset_upload':
    case 'expire_session':
    case 'limit_exceeded':
    case 'truncate':
    case 'slow_body':
    case 'no_content':
      return 'call'
    case 'push_delay':
    case 'push_duplicate':
    case 'push_reorder':
    case 'push_drop':
    case 'push_wrong_signature':
    case 'push_old_timestamp':
      return 'push'
  }
}

export function isEffect(action: FaultAction): action is EffectAction {
  return placeOf(action) === 'job'
}

export function isCallAction(action: FaultAction): action is CallAction {
  return placeOf(action) === 'call'
}

export function isPushAction(action: FaultAction): action is PushAction {
  return placeOf(action) === 'push'
}

type Effect<T extends JobEffect['type']> = Extract<JobEffect, { type: T }>

/** The first effect of a type that a job carries. */
export function effectOf<T extends JobEffect['type']>(
  effects: readonly JobEffect[],
  type: T,
): Effect<T> | null {
  return effects.find((effect): effect is Effect<T> => effect.type === type) ?? null
}
