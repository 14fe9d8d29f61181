import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import type { OrgContext } from '../http/org-context.ts'

/** The body of an admin call. Throws ApiError 400 that lists all that is wrong with it. */
export async function readAdminJson<T>(c: OrgContext, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  let json: unknown
  try {
    json = text === '' ? {} : JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ApiError(400, 'JSON_PARSER_ERROR', reason)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new ApiError(400, 'INVALID_PARAMETER', z.prettifyError(parsed.error))
}
