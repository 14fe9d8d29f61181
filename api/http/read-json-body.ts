import type { z } from '@hono/zod-openapi'
import type { ApiContext, ApiSettings } from '../dependencies.ts'
import { requireContentType } from './content-type.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { createRequestBody } from './request-body.ts'
import { requestIssues } from './request-issues.ts'

/** The JSON body by a schema. @throws {ApiError} naming the field at fault. */
export async function readJsonBody<Schema extends z.ZodType>(
  c: ApiContext,
  settings: ApiSettings,
  schema: Schema,
  known: readonly string[],
): Promise<z.infer<Schema>> {
  requireContentType(c.req.raw, ['application/json'])
  const body = createRequestBody(c.req.raw, settings, c.var.textShare)
  const parsed = schema.safeParse(await parseJsonBody(body))
  if (!parsed.success) throw requestIssues(parsed.error, 'field', known)
  return parsed.data
}
