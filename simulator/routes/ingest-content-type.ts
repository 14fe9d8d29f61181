import { ApiError } from '../http/api-error.ts'
import type { OrgContext } from '../http/org-context.ts'

/** The content type of a request as it was sent; empty where it names none. */
export function contentType(c: OrgContext): string {
  return c.req.header('content-type') ?? ''
}

/** Refuses a body of another type than the one wanted. A request that names none is trusted. */
export function refuseContentType(type: string, wanted: string): void {
  const named = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (named === '' || named === wanted) return
  throw new ApiError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `Content type ${named} is not supported, ${wanted} is expected`,
  )
}
