import { Readable } from 'node:stream'

/**
 * A body that is opened anew for each time that its call is sent, counts what left it, and keeps the error
 * of its source: a file that cannot be read is no fault of the network and must not be told as one.
 */
export function createUploadBody(
  open: () => Readable,
  onProgress: ((bytes: number) => void) | undefined,
): { open(): Readable; sourceFailure(): { readonly error: unknown } | null } {
  let failure: { readonly error: unknown } | null = null

  async function* counted(): AsyncGenerator<Buffer> {
    let sent = 0
    const source = open()
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          failure = { error }
          throw error
        })
        if (next.done) return
        const bytes = Buffer.isBuffer(next.value) ? next.value : Buffer.from(next.value)
        yield bytes
        sent += bytes.byteLength
        onProgress?.(sent)
      }
    } finally {
      source.destroy()
    }
  }

  return {
    open: () => Readable.from(counted(), { objectMode: false, highWaterMark: 256 * 1024 }),
    sourceFailure: () => failure,
  }
}
