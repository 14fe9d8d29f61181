import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createResultReader, type ResultRecord } from '../../bulk/result-lines.ts'
import type { SalesforceClient } from '../../salesforce/client.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'

const KINDS = ['successful', 'failed', 'unprocessed'] as const
type Kind = (typeof KINDS)[number]

const DOWNLOADS_AT_MOST = 4
const PIECE_BYTES = 1 << 20

/** The three result files of an ended upstream job, whole, on disk. */
export interface DownloadedResults {
  /** Calls `onRecord` for each line; before each piece of a file it waits for `pause`. */
  read(onRecord: (record: ResultRecord) => void, pause: () => Promise<void>): Promise<void>
  dispose(): Promise<void>
}

/**
 * Downloads the result files before a line of them is used: one that breaks off must not be used in part.
 * Null where Salesforce knows the job no more.
 */
export async function downloadResults(
  client: SalesforceClient,
  salesforceJobId: string,
  directory: string,
  signal: AbortSignal,
): Promise<DownloadedResults | null> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unique = randomUUID()
  const path = (kind: Kind) => join(directory, `${salesforceJobId}-${kind}-${unique}.csv`)
  const dispose = async () => {
    await Promise.all(KINDS.map((kind) => rm(path(kind), { force: true })))
  }
  try {
    for (const kind of KINDS) await download(client, salesforceJobId, kind, path(kind), signal)
  } catch (error) {
    await dispose()
    if (isSalesforceError(error) && error.kind === 'not_found') return null
    throw error
  }
  return {
    async read(onRecord, pause) {
      // One buffer for all pieces: those of a hundred loads would be waiting for the garbage collector.
      const buffer = Buffer.alloc(PIECE_BYTES)
      for (const kind of KINDS) {
        const reader = createResultReader(kind === 'successful' ? 'success' : kind, onRecord)
        await using file = await open(path(kind))
        for (;;) {
          await pause()
          const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
          if (bytesRead === 0) break
          reader.push(buffer.subarray(0, bytesRead))
        }
        reader.finish()
      }
    },
    dispose,
  }
}

/** One file. A download that breaks off is begun again here: the other files need not be. */
async function download(
  client: SalesforceClient,
  salesforceJobId: string,
  kind: Kind,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const body = await client.ingest.results(salesforceJobId, kind, signal)
      await pipeline(body, createWriteStream(path, { mode: 0o600 }))
      return
    } catch (error) {
      const passing =
        isSalesforceError(error) && ['unavailable', 'no_answer', 'not_sent'].includes(error.kind)
      if (!passing || attempt >= DOWNLOADS_AT_MOST) throw error
      await sleep(500 * attempt, undefined, { signal })
    }
  }
}
