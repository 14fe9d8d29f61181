import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { JobFiles } from '../org.ts'
import { ApiError } from './api-error.ts'
import { brokenOff } from './broken-off.ts'
import { drain } from './drain.ts'

/**
 * Streams a request's body to the job's file and gives its size in bytes. A body that breaks off
 * leaves nothing behind: the file gets its name when all is there. `encodedBytes` is what the org
 * allows after base64, which turns three bytes into four.
 */
export async function receiveUpload(
  incoming: IncomingMessage,
  files: JobFiles,
  jobId: string,
  encodedBytes: number,
): Promise<number> {
  const maxBytes = Math.floor(encodedBytes / 4) * 3
  const partial = files.partialUpload(jobId)
  const announced = Number(incoming.headers['content-length'] ?? 0)
  if (announced > maxBytes) {
    await drain(incoming)
    throw tooLarge()
  }
  const sink = createWriteStream(partial)
  try {
    if (incoming.headers['content-encoding'] === 'gzip') {
      await pipeline(incoming, createGunzip(), limited(maxBytes), sink)
    } else await pipeline(incoming, limited(maxBytes), sink)
    if (!incoming.complete) throw brokenOff()
    const { size } = await stat(partial)
    // Fails where the job was deleted, or the org emptied, while the data came in.
    await rename(partial, files.upload(jobId))
    return size
  } catch (error) {
    await rm(partial, { force: true })
    if (error instanceof ApiError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ApiError(400, 'CLIENTINPUTERROR', `The body could not be read: ${reason}`)
  }
}

function tooLarge(): ApiError {
  return new ApiError(400, 'CLIENTINPUTERROR', 'ClientInputError : Maximum file size exceeded')
}

/** Reads a body that is too large to its end: a client that still sends would not see the answer. */
function limited(maxBytes: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size <= maxBytes) this.push(chunk)
      done()
    },
    flush: (done) => done(size > maxBytes ? tooLarge() : null),
  })
}
