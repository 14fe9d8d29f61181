import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ApiError } from '../errors.ts'
import type { TextShare } from './text-budget.ts'

/** Text compresses by ten to thirty; far more is a bomb. Only looked at beyond the first megabyte. */
const MOST_RATIO = 200
const RATIO_FREE_BYTES = 1_000_000

export interface RequestBodyTimes {
  /** Without a byte. */
  readonly bodyIdleMs: number
  /** For a body that is held whole. */
  readonly wholeBodyMs: number
}

export interface RequestBody {
  /** The decoded bytes, once. Reading slower makes the caller send slower. */
  bytes(): AsyncGenerator<Uint8Array>
  /**
   * All of it; refuses more than `most` bytes and what comes too slowly, for it takes room from others. Waits while
   * others hold too much.
   */
  whole(most: number): Promise<Buffer>
  /** The same as text. */
  text(most: number): Promise<string>
  /** SHA-256 in hex of what was asked and of the decoded bytes; reads what is left of them. */
  digest(asked: string): Promise<string>
}

/**
 * Reads a request's body under limits of time, decompressed where it is gzip. `advice` is for senders of what is too
 * large or too slow.
 * @throws {ApiError} `unsupported_encoding` at once; `request_timeout`, `body_incomplete`,
 * `invalid_encoding`, `compression_ratio_exceeded` while reading.
 */
export function createRequestBody(
  request: Request,
  times: RequestBodyTimes,
  share: TextShare,
  advice = 'Send CSV or NDJSON to /v1/bulk-jobs: they have no limit.',
): RequestBody {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    const message = `The content encoding ${encoding} is not read; send gzip or none.`
    throw new ApiError('unsupported_encoding', message)
  }
  const hash = createHash('sha256')
  let wholeBy = Number.POSITIVE_INFINITY
  const received = readInTime(request, () => {
    const leftMs = wholeBy - performance.now()
    return leftMs < times.bodyIdleMs
      ? { ms: leftMs, message: tooLongMessage(times.wholeBodyMs, advice) }
      : { ms: times.bodyIdleMs, message: idleMessage(times.bodyIdleMs) }
  })
  const decoded = hashing(encoding === 'identity' ? received : gunzip(received), hash)

  async function whole(most: number): Promise<Buffer> {
    wholeBy = performance.now() + times.wholeBodyMs
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of decoded) {
      size += piece.length
      if (size > most) {
        const message = `The body is over ${most} bytes. ${advice}`
        throw new ApiError('payload_too_large', message)
      }
      await share.take(piece.length)
      pieces.push(piece)
    }
    return Buffer.concat(pieces)
  }

  return {
    bytes: () => decoded,
    whole,
    text: async (most) => decodeUtf8(await whole(most)),
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

interface TimeLimit {
  readonly ms: number
  /** For the caller, where the time is over. */
  readonly message: string
}

async function* readInTime(
  request: Request,
  limitOfRead: () => TimeLimit,
): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), limitOfRead())
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

async function within<T>(reading: Promise<T>, { ms, message }: TimeLimit): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_resolve, reject) => {
    const end = () =>
      reject(new ApiError('request_timeout', message, { headers: { connection: 'close' } }))
    // At once, or a caller whose next byte is always there would never end.
    if (ms <= 0) end()
    else timer = setTimeout(end, ms)
  })
  try {
    return await Promise.race([over, reading])
  } finally {
    clearTimeout(timer)
    // Where the limit struck first, the read fails later with nobody waiting.
    reading.catch(() => undefined)
  }
}

function idleMessage(ms: number): string {
  return `Nothing of the body arrived for ${ms / 1000} s. Nothing was started; send it again.`
}

function tooLongMessage(ms: number, advice: string): string {
  return `The body must arrive within ${ms / 1000} s. Nothing was started. ${advice}`
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

/** @throws {ApiError} `invalid_utf8` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ApiError('invalid_utf8', 'The body is not UTF-8.', { cause: error })
  }
}
