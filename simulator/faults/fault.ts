import { z } from 'zod'

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
    ms: z.int().min(0),
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
    delayMs: z.int().min(0).default(200),
  }),
] as const

/** Actions on one HTTP call. */
const callSchemas = [
  z.strictObject({ type: z.literal('delay'), ms: z.int().min(0) }),
  z.strictObject({
    type: z.literal('status'),
    status: z.int().min(400).max(599).default(503),
    errorCode: z.string().default('SERVER_UNAVAILABLE'),
    message: z.string().default('Server is unavailable'),
  }),
  z.strictObject({ type: z.literal('cut_before') }),
  z.strictObject({ type: z.literal('cut_after') }),
  z.strictObject({ type: z.literal('expire_session') }),
  z.strictObject({ type: z.literal('limit_exceeded') }),
  z.strictObject({ type: z.literal('truncate'), afterBytes: z.int().min(0) }),
  /** A result file without rows is answered with 204 instead of a header line. */
  z.strictObject({ type: z.literal('no_content') }),
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
    })
    .default({}),
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
  probability: z.number().min(0).max(1).default(1),
  action: z.discriminatedUnion('type', [...callSchemas, ...effectSchemas]),
})

export type FaultRequest = z.infer<typeof faultSchema>
export type FaultAction = FaultRequest['action']

const effectSchema = z.discriminatedUnion('type', effectSchemas)
const callSchema = z.discriminatedUnion('type', callSchemas)
export type EffectAction = z.infer<typeof effectSchema>
export type CallAction = z.infer<typeof callSchema>

/** An effect on a job, with the fault that it comes from. */
export type JobEffect = EffectAction & { readonly fault: string }

/** Whether the action works inside a job and not on an answer. */
export function isEffect(action: FaultAction): action is EffectAction {
  switch (action.type) {
    case 'row_error':
    case 'stuck':
    case 'fail_job':
    case 'retries':
    case 'late_commits':
      return true
    case 'delay':
    case 'status':
    case 'cut_before':
    case 'cut_after':
    case 'expire_session':
    case 'limit_exceeded':
    case 'truncate':
    case 'no_content':
      return false
  }
}

type Effect<T extends JobEffect['type']> = Extract<JobEffect, { type: T }>

/** The first effect of a type that a job carries. */
export function effectOf<T extends JobEffect['type']>(
  effects: readonly JobEffect[],
  type: T,
): Effect<T> | null {
  return effects.find((effect): effect is Effect<T> => effect.type === type) ?? null
}
