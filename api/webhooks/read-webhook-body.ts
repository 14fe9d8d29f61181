import type { IncomingMessage } from 'node:http'
import type { ApiContext, ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { createRequestBody } from '../http/request-body.ts'

/**
 * So long a body is read at once, beside the share that longer ones wait for: nobody who lets those stand still holds
 * ordinary webhooks up. All connections together hold 160 MB of them at most.
 */
const SHORT_BYTES = 16_384

/**
 * The bytes of a webhook. One that says it is too long is not read at all, and its connection closed.
 * @throws {ApiError} `payload_too_large`, and what reading throws
 */
export async function readWebhookBody(c: ApiContext, settings: ApiSettings): Promise<Buffer> {
  const { maxBytes } = settings.webhooks
  const advice = 'Send fewer records at once, or set CONVEYOR_WEBHOOK_MAX_BYTES.'
  const length = Number(c.req.header('content-length') ?? Number.NaN)
  if (length > maxBytes) {
    throw new ApiError('payload_too_large', `The body is over ${maxBytes} bytes. ${advice}`, {
      headers: { connection: 'close' },
    })
  }
  const { incoming } = c.env
  const isPlain = c.req.header('content-encoding') === undefined
  if (incoming !== undefined && isPlain && length <= SHORT_BYTES) {
    // It is HTTP/1.1: nothing else is listened for. A web stream around it takes a quarter of a webhook's time.
    return readShort(incoming as IncomingMessage, settings.bodyIdleMs)
  }
  return createRequestBody(c.req.raw, settings, c.var.textShare, advice).whole(maxBytes)
}

function readShort(incoming: IncomingMessage, ms: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    const settle = (end: () => void) => {
      clearTimeout(timer)
      incoming.off('data', take).off('end', finish).off('close', cut).off('error', cut)
      end()
    }
    const take = (piece: Buffer) => void pieces.push(piece)
    const finish = () => settle(() => resolve(Buffer.concat(pieces)))
    const cut = () => {
      const message = 'The body was cut off before its end. Send it again.'
      settle(() => reject(new ApiError('body_incomplete', message)))
    }
    const timer = setTimeout(() => {
      const message = `The body must arrive within ${ms / 1000} s.`
      const headers = { connection: 'close' }
      settle(() => reject(new ApiError('request_timeout', message, { headers })))
    }, ms)
    incoming.on('data', take).on('end', finish).on('close', cut).on('error', cut)
  })
}
