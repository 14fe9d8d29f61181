import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** Level 1: the rows of one batch are alike, higher levels cost three times the work for a tenth of the size. */
const FAST = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    // Where no key is set nothing else would notice a damaged bit.
    [constants.ZSTD_c_checksumFlag]: 1,
  },
}

/** Before the compressed bytes stands how many they become: the space is taken once, and is bounded. */
const LENGTH_BYTES = 4
/** A batch is cut at 4 MB; one row alone may be over it, by far less than this. */
const MOST_PLAIN_BYTES = 256_000_000

const LINE_FEED = 0x0a

/** Thrown where a blob is not what its writer made: a damaged or foreign one. */
export class BlobFormError extends Error {
  override name = 'BlobFormError'
}

/** What a blob holds: a line of JSON and the bytes after it. */
export interface BlobContent {
  readonly header: readonly unknown[]
  readonly body: Buffer
}

/**
 * Packs a JSON array, whose first member names the form, and bytes after it. Compression is done at once: the blob of
 * one batch takes a tenth of a millisecond, handing it to another thread takes more.
 */
export function packBlob(
  header: readonly [form: string, ...unknown[]],
  body: string | Buffer = '',
): Buffer {
  const head = `${JSON.stringify(header)}\n`
  const plain =
    typeof body === 'string' ? Buffer.from(head + body) : Buffer.concat([Buffer.from(head), body])
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(plain.length)
  return Buffer.concat([length, zstdCompressSync(plain, FAST)])
}

/** Throws BlobFormError where `blob` is damaged or has another form: an older or newer one is refused, not misread. */
export function unpackBlob(blob: Buffer, form: string): BlobContent {
  let header: unknown
  let plain: Buffer
  let end: number
  try {
    const length = blob.readUInt32LE(0)
    if (length > MOST_PLAIN_BYTES) throw new RangeError(`${length} bytes are no batch`)
    plain = zstdDecompressSync(blob.subarray(LENGTH_BYTES), {
      // One byte more than needed, or zlib takes a second piece to see that it is done.
      chunkSize: Math.max(64, length + 1),
      maxOutputLength: length,
    })
    if (plain.length !== length) throw new RangeError(`${plain.length} bytes instead of ${length}`)
    end = plain.indexOf(LINE_FEED)
    header = JSON.parse(plain.toString('utf8', 0, end))
  } catch (cause) {
    throw new BlobFormError(`Blob is damaged or of another release: expected ${form}`, { cause })
  }
  if (!Array.isArray(header) || header[0] !== form) {
    throw new BlobFormError(`Blob has another form than ${form}`)
  }
  return { header, body: plain.subarray(end + 1) }
}
