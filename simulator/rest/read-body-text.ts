import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ApiError } from '../http/api-error.ts'
import { bodyTooLarge, MOST_BODY_BYTES } from '../http/limit-bodies.ts'
import type { OrgContext } from '../http/org-context.ts'

const decompress = promisify(gunzip)

/**
 * The text of a body that must be JSON, whatever compression it came in. Throws ApiError 415 for
 * other types.
 */
export async function readBodyText(c: OrgContext): Promise<string> {
  const bytes = Buffer.from(await c.req.arrayBuffer())
  if (bytes.length === 0) return ''
  const type = c.req.header('content-type') ?? ''
  if (!/^\s*application\/json\s*(?:;|$)/i.test(type)) {
    throw new ApiError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Type header specified in HTTP request is not supported: ${type}`,
    )
  }
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return textOf(bytes)
  if (encoding !== 'gzip') {
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', `Unsupported Content-Encoding: ${encoding}`)
  }
  try {
    return textOf(await decompress(bytes, { maxOutputLength: MOST_BODY_BYTES }))
  } catch (error) {
    if (error instanceof RangeError) throw bodyTooLarge()
    const reason = error instanceof Error ? error.message : String(error)
    throw new ApiError(400, 'JSON_PARSER_ERROR', `The body could not be read: ${reason}`)
  }
}

/** A byte order mark is no part of the text. */
function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}
