import { z } from '@hono/zod-openapi'

/** One thing wrong with the input, as callers see it. */
export const InputErrorSchema = z
  .object({
    code: z.string().openapi({ example: 'unknown_field' }),
    row: z.int().nullable().openapi({ description: 'Row of the input, from 1.', example: 17 }),
    line: z.int().nullable().openapi({ description: 'Line of the text, from 1.', example: 18 }),
    field: z.string().nullable().openapi({ example: 'Nmae' }),
    message: z.string().openapi({ example: 'Account has no field Nmae. Did you mean Name?' }),
  })
  .openapi('InputError')

/** Where in a query a fault is. */
const queryFault = z
  .object({
    source: z.string().nullable().openapi({ example: 'where_clause' }),
    position: z.int().nullable().openapi({ description: 'Character of its text, from 0.' }),
    expected: z.string().nullable(),
    nearest: z.string().nullable().openapi({ description: 'The name that was most likely meant.' }),
  })
  .optional()

/** RFC 9457, with a stable `code`. */
export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: 'about:blank' }),
    title: z.string().openapi({ example: 'Unknown field' }),
    status: z.int().openapi({ example: 422 }),
    detail: z.string().openapi({ example: 'Account has no field Nmae. Did you mean Name?' }),
    code: z.string().openapi({ description: 'Stable; match on it.', example: 'unknown_field' }),
    request_id: z.string(),
    errors: z
      .array(InputErrorSchema)
      .optional()
      .openapi({ description: 'What is wrong with the input, at most 20.' }),
    job_id: z.string().optional().openapi({ description: 'The job that stands in the way.' }),
    job_url: z.string().optional(),
    query: queryFault,
  })
  .openapi('Problem')
export type Problem = z.infer<typeof ProblemSchema>

/** Errors of the routes under /api, as callers of the replaced service know them. */
export const LegacyErrorSchema = z
  .object({
    ok: z.literal(false),
    error: z.string().openapi({ example: 'invalid_data' }),
    message: z.string(),
    error_details: z
      .object({ code: z.string(), errors: z.array(InputErrorSchema).optional(), query: queryFault })
      .optional(),
    request_id: z.string(),
  })
  .openapi('LegacyError')
export type LegacyError = z.infer<typeof LegacyErrorSchema>
