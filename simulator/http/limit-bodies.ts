import type { MiddlewareHandler } from 'hono'
import { ApiError } from './api-error.ts'
import { drain } from './drain.ts'
import type { OrgEnv } from './org-context.ts'

/** Bytes that a body may have, before and after its compression: Salesforce's 50 MB. */
export const MOST_BODY_BYTES = 52_428_800

export function bodyTooLarge(): ApiError {
  return new ApiError(400, 'EXCEEDED_MAX_SIZE_REQUEST', 'The body of the request exceeds 50 MB')
}

/** Keeps bodies that are read as a whole from filling the memory. Uploads, which PUT, go to a file. */
export const limitBodies: MiddlewareHandler<OrgEnv> = async (c, next) => {
  if (c.req.method !== 'PUT') {
    if (Number(c.req.header('content-length') ?? 0) > MOST_BODY_BYTES) {
      await drain(c.env.incoming)
      throw bodyTooLarge()
    }
    const isChunked = c.req.header('transfer-encoding') !== undefined
    if (isChunked && c.req.raw.body !== null) {
      const body = c.req.raw.body.pipeThrough(limited())
      c.req.raw = new Request(c.req.raw, { body, duplex: 'half' })
    }
  }
  await next()
}

/** Reads what is too large to its end, as a client that still sends would not see the answer. */
function limited(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let size = 0
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength
      if (size <= MOST_BODY_BYTES) controller.enqueue(chunk)
    },
    flush(controller) {
      if (size > MOST_BODY_BYTES) controller.error(bodyTooLarge())
    },
  })
}
