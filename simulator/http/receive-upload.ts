import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { JobFiles } from '../org.ts'
import { ApiError } from './api-error.ts'

/** What one job may hold: 150 MB after base64, which makes 100 MB of CSV safe. */
const MAX_BYTES = 150_000_000

/**
 * Streams a request's body to the job's file and gives its size in bytes. A body that breaks off
 * leaves nothing behind: the file gets its name when all is there.
 */
export async function receiveUpload(
  incoming: IncomingMessage,
  files: JobFiles,
  jobId: string,
): Promise<number> {
  const partial = files.partialUpload(jobId)
  const announced = Number(incoming.headers['content-length'] ?? 0)
  if (announced > MAX_BYTES) {
    incoming.resume()
    throw new ApiError(400, 'CLIENTINPUTERROR', 'ClientInputError : Maximum file size exceeded')
  }
  const sink = createWriteStream(partial)
  try {
    if (incoming.headers['content-encoding'] === 'gzip') {
      await pipeline(incoming, createGunzip(), sink)
    } else await pipeline(incoming, sink)
    if (!incoming.complete) throw new ApiError(400, 'CLIENTINPUTERROR', 'The body broke off')
  } catch (error) {
    await rm(partial, { force: true })
    if (error instanceof ApiError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ApiError(400, 'CLIENTINPUTERROR', `The body could not be read: ${reason}`)
  }
  const { size } = await stat(partial)
  await rename(partial, files.upload(jobId))
  return size
}
