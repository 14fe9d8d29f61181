import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A refusal of the REST API: its body is an array with one entry. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly fields: readonly string[] | null
  /** What this refusal alone says beside code and message. */
  readonly more: object

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    fields: readonly string[] | null = null,
    more: object = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
    this.more = more
  }

  body(): readonly object[] {
    const fields = this.fields === null ? {} : { fields: this.fields }
    return [{ message: this.message, errorCode: this.code, ...fields, ...this.more }]
  }
}

export function notFound(message = 'The requested resource does not exist'): ApiError {
  return new ApiError(404, 'NOT_FOUND', message)
}
