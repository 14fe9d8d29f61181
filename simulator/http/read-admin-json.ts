import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { OrgContext } from './org-context.ts'

/** The body of an admin call. Throws ApiError 400 for one that its schema refuses. */
export async function readAdminJson<T>(c: OrgContext, schema: z.ZodType<T>): Promise<T> {
  const json: unknown = await c.req.json().catch(() => null)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new ApiError(400, 'INVALID_PARAMETER', z.prettifyError(parsed.error))
}
