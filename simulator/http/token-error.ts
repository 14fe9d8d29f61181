import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Refusal of an OAuth endpoint: its body differs from that of the REST API. */
export class TokenError extends Error {
  override name = 'TokenError'
  readonly error: string
  readonly status: ContentfulStatusCode

  constructor(error: string, description: string, status: ContentfulStatusCode = 400) {
    super(description)
    this.error = error
    this.status = status
  }

  body(): { readonly error: string; readonly error_description: string } {
    return { error: this.error, error_description: this.message }
  }
}
