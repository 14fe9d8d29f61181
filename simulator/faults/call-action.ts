import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'

/** What may go wrong with one HTTP call. */
export const callActionSchemas = [
  z.strictObject({ type: z.literal('delay'), ms: milliseconds }),
  z.strictObject({
    type: z.literal('status'),
    status: z.int().min(200).max(599).default(503),
    errorCode: z.string().default('SERVER_UNAVAILABLE'),
    message: z.string().default('Server is unavailable'),
    /** Lets the call take effect first: only the answer is another one. */
    after: z.boolean().default(false),
    /** The body: the API's own form, a proxy's page, JSON that breaks off, or nothing. */
    form: z.enum(['json', 'html', 'malformed', 'empty']).default('json'),
  }),
  z.strictObject({ type: z.literal('cut_before') }),
  z.strictObject({ type: z.literal('cut_after') }),
  /** Resets the connection when so much of the request's body has come in; nothing happens. */
  z.strictObject({ type: z.literal('reset_upload'), afterBytes: z.int().min(0).default(0) }),
  z.strictObject({ type: z.literal('expire_session') }),
  z.strictObject({
    type: z.literal('limit_exceeded'),
    /** The limit of a day's calls, or that of long calls at once. */
    limit: z.enum(['daily', 'concurrent']).default('daily'),
  }),
  z.strictObject({ type: z.literal('truncate'), afterBytes: z.int().min(0) }),
  /** The answer's body comes slowly. */
  z.strictObject({ type: z.literal('slow_body'), bytesPerSecond: z.number().min(0.001) }),
  /** A result file without rows is answered with 204 instead of a header line. */
  z.strictObject({ type: z.literal('no_content') }),
] as const

const callActionSchema = z.discriminatedUnion('type', callActionSchemas)
export type CallAction = z.infer<typeof callActionSchema>
