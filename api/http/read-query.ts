import type { z } from '@hono/zod-openapi'
import { nearestName } from '../../bulk/nearest-name.ts'
import { ApiError } from '../errors.ts'
import { requestIssues } from './request-issues.ts'

/** The query by a strict schema: a misspelt parameter is refused, not ignored. @throws {ApiError} */
export function readQuery<T extends z.ZodObject>(request: Request, schema: T): z.infer<T> {
  const given = new URL(request.url).searchParams
  const known = Object.keys(schema.shape)
  const values = new Map<string, string>()
  for (const [name, value] of given) {
    if (!known.includes(name)) {
      const nearest = nearestName(name, known)
      const advice =
        nearest === null ? `Known: ${known.join(', ') || 'none'}.` : `Did you mean ${nearest}?`
      throw new ApiError('unknown_parameter', `There is no parameter ${name}. ${advice}`, {
        headers: {},
      })
    }
    if (values.has(name)) {
      throw new ApiError('invalid_request', `The parameter ${name} is given more than once.`)
    }
    values.set(name, value)
  }
  const parsed = schema.safeParse(Object.fromEntries(values))
  if (!parsed.success) throw requestIssues(parsed.error, 'parameter')
  return parsed.data
}
