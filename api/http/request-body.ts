import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ApiError } from '../errors.ts'

/** Text compresses by ten to thirty; far more is a bomb. Only looked at beyond the first megabyte. */
const MOST_RATIO = 200
const RATIO_FREE_BYTES = 1_000_000

export interface RequestBody {
  /** The decoded bytes, once. Reading slower makes the caller send slower. */
  bytes(): AsyncGenerator<Uint8Array>
  /** All of it as text; refuses more than `most` bytes. */
  text(most: number): Promise<string>
  /** SHA-256 in hex of what was asked and of the decoded bytes; reads what is left of them. */
  digest(asked: string): Promise<string>
}

/**
 * Reads a request's body under an idle limit, decompressed where it is gzip.
 * @throws {ApiError} `unsupported_encoding` at once; `request_timeout`, `body_incomplete`,
 * `invalid_encoding`, `compression_ratio_exceeded` while reading.
 */
export function createRequestBody(request: Request, idleMs: number): RequestBody {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    const message = `The content encoding ${encoding} is not read; send gzip or none.`
    throw new ApiError('unsupported_encoding', message)
  }
  const hash = createHash('sha256')
  const received = readWithIdleLimit(request, idleMs)
  const decoded = hashing(encoding === 'identity' ? received : gunzip(received), hash)

  return {
    bytes: () => decoded,
    async text(most) {
      const pieces: Uint8Array[] = []
      let size = 0
      for await (const piece of decoded) {
        size += piece.length
        if (size > most) {
          const message = `The body is over ${most} bytes. Send CSV or NDJSON to /v1/bulk-jobs: they have no limit.`
          throw new ApiError('payload_too_large', message)
        }
        pieces.push(piece)
      }
      return decodeUtf8(Buffer.concat(pieces))
    },
    async digest(asked) {
      for await (const _piece of decoded);
      return createHash('sha256')
        .update(asked)
        .update('\n')
        .update(hash.copy().digest())
        .digest('hex')
    },
  }
}

async function* hashing(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    hash.update(piece)
    yield piece
  }
}

async function* readWithIdleLimit(request: Request, idleMs: number): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await withinIdleLimit(reader.read(), idleMs)
      if (done) return
      yield value
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    const message = 'The body was cut off before its end. Nothing was started; send it again.'
    throw new ApiError('body_incomplete', message, { cause: error })
  } finally {
    // Nobody reads on: the rest is dropped instead of kept. A stream that failed has nothing to drop.
    reader.cancel().catch(() => undefined)
  }
}

async function withinIdleLimit<T>(reading: Promise<T>, idleMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `Nothing of the body arrived for ${idleMs / 1000} s. Nothing was started; send it again.`
      reject(new ApiError('request_timeout', message, { headers: { connection: 'close' } }))
    }, idleMs)
  })
  try {
    return await Promise.race([reading, idle])
  } finally {
    clearTimeout(timer)
    // Where the limit struck first, the read fails later with nobody waiting.
    reading.catch(() => undefined)
  }
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let compressedBytes = 0
  let bytes = 0
  const counted = async function* () {
    for await (const piece of source) {
      compressedBytes += piece.length
      yield piece
    }
  }
  const decompressor = createGunzip()
  const feeding = pipeline(Readable.from(counted()), decompressor)
  // The same error reaches the loop below, which throws it.
  feeding.catch(() => undefined)
  try {
    for await (const piece of decompressor) {
      bytes += piece.length
      if (bytes > RATIO_FREE_BYTES && bytes > compressedBytes * MOST_RATIO) {
        const message = `The body decompresses to more than ${MOST_RATIO} times its size.`
        throw new ApiError('compression_ratio_exceeded', message)
      }
      yield piece
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    const cutOff = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
    throw cutOff
      ? new ApiError('body_incomplete', 'The gzip body ends before its end.', { cause: error })
      : new ApiError('invalid_encoding', 'The body is not gzip.', { cause: error })
  } finally {
    decompressor.destroy()
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ApiError('invalid_utf8', 'The body is not UTF-8.', { cause: error })
  }
}
