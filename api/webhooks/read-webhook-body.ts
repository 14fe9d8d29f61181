import type { ApiContext, ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { createRequestBody } from '../http/request-body.ts'

/**
 * The bytes of a webhook. One that says it is too long is not read at all, and its connection closed.
 * @throws {ApiError} `payload_too_large`, and what reading throws
 */
export async function readWebhookBody(c: ApiContext, settings: ApiSettings): Promise<Buffer> {
  const { maxBytes } = settings.webhooks
  const advice = 'Send fewer records at once, or set CONVEYOR_WEBHOOK_MAX_BYTES.'
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) {
    throw new ApiError('payload_too_large', `The body is over ${maxBytes} bytes. ${advice}`, {
      headers: { connection: 'close' },
    })
  }
  return createRequestBody(c.req.raw, settings, c.var.textShare, advice).whole(maxBytes)
}
