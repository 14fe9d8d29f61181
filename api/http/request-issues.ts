import type { z } from '@hono/zod-openapi'
import { nearestName } from '../../bulk/nearest-name.ts'
import { ApiError, type ErrorCode } from '../errors.ts'

/** The first fault that a schema found, as an error that names the field. */
export function requestIssues(
  error: z.ZodError,
  kind: 'parameter' | 'field',
  known: readonly string[] = [],
): ApiError {
  const first = error.issues[0]
  if (first === undefined) throw new Error('A schema refused input without an issue.')
  if (first.code === 'unrecognized_keys') {
    const name = first.keys[0] ?? ''
    const nearest = nearestName(name, known)
    const advice = nearest === null ? '' : ` Did you mean ${nearest}?`
    return new ApiError('unknown_parameter', `There is no ${kind} ${name}.${advice}`)
  }
  const path = first.path.join('.')
  if (
    first.code === 'invalid_type' &&
    first.input === undefined &&
    first.message.endsWith('undefined')
  ) {
    return new ApiError('missing_required_field', `The ${kind} ${path} is missing.`)
  }
  const code: ErrorCode = path === 'operation' ? 'invalid_operation' : 'invalid_request'
  return new ApiError(code, `The ${kind} ${path || 'body'}: ${first.message}.`)
}
