import { z } from '@hono/zod-openapi'
import { LegacyErrorSchema, ProblemSchema } from '../../contracts/http/problem.ts'
import { legacyStatus } from '../error-response.ts'
import { type ErrorCode, errorKind } from '../errors.ts'

/** A JSON answer. */
export function json(schema: z.ZodType, description: string, headers?: z.ZodObject) {
  return {
    description,
    content: { 'application/json': { schema } },
    ...(headers === undefined ? {} : { headers }),
  }
}

/** The answers for these error codes, by status, as problem+json. */
export function problems(...codes: readonly ErrorCode[]) {
  const statusOf = (code: ErrorCode) => errorKind(code).status
  return errorResponses('application/problem+json', ProblemSchema, codes, statusOf)
}

/** The same in the legacy envelope; the code stands in `error_details`. */
export function legacyErrors(...codes: readonly ErrorCode[]) {
  return errorResponses('application/json', LegacyErrorSchema, codes, legacyStatus)
}

/** The same with each code's own status, as webhooks are answered. */
export function webhookErrors(...codes: readonly ErrorCode[]) {
  const statusOf = (code: ErrorCode) => errorKind(code).status
  return errorResponses('application/json', LegacyErrorSchema, codes, statusOf)
}

function errorResponses(
  type: string,
  schema: z.ZodType,
  codes: readonly ErrorCode[],
  statusOf: (code: ErrorCode) => number,
) {
  const byStatus = new Map<number, ErrorCode[]>()
  const all: readonly ErrorCode[] = [...codes, 'internal_error', 'service_unavailable']
  for (const code of all) {
    const status = statusOf(code)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => [
      status,
      {
        description: each.map((code) => `\`${code}\`: ${errorKind(code).title}`).join('; '),
        content: { [type]: { schema } },
      },
    ]),
  )
}

export const createHeaders = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().openapi({
    description:
      'The same key with the same body gives the same answer for 24 hours, with `Idempotency-Replayed: true`.',
  }),
})

export const createdHeaders = z.object({
  Location: z.string().openapi({ description: 'Where the job is.' }),
  'Idempotency-Replayed': z.string().optional(),
})
