import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { endianness } from 'node:os'
import { join } from 'node:path'
import { hash128 } from './text-hash.ts'

export interface DuplicateKey {
  readonly rowNumber: number
  /** The row that had the key first. */
  readonly firstRowNumber: number
}

export interface DuplicateKeyFinder {
  /** Takes one row's key (`canonicalKey`). Rows come in ascending order; wait for the promise where there is one. */
  add(rowNumber: number, canonicalKey: string): void | Promise<void>
  /** The first `limit` rows, ascending, whose key an earlier row has. Throws where a file could not be written. */
  find(limit: number): Promise<DuplicateKey[]>
  /** Removes the files. Safe to repeat. */
  dispose(): Promise<void>
}

const HASH_BYTES = 16
const RECORD_WORDS = HASH_BYTES / 4 + 1
const RECORD_BYTES = 4 * RECORD_WORDS
/** One partition is held in memory at a time: at 100 million rows 8 MB. */
const PARTITIONS = 256
const BUFFER_WORDS = 800 * RECORD_WORDS

/**
 * Finds keys that occur twice among any number of rows, within a few megabytes. Keys are kept as 128-bit hashes (two
 * different keys of a billion rows meet with a chance under 1 in 10^20) in partition files below `directory`; small
 * jobs touch no disk.
 */
export function createDuplicateKeyFinder(directory: string): DuplicateKeyFinder {
  const buffers = new Map<number, { words: Uint32Array; used: number }>()
  const record = new Uint32Array(RECORD_WORDS)
  let folder: Promise<string> | null = null
  let writing: Promise<void> | null = null

  function partitionFile(partition: number): Promise<string> {
    folder ??= mkdtemp(join(directory, 'keys-'))
    return folder.then((path) => join(path, String(partition)))
  }

  async function spill(
    partition: number,
    bytes: Buffer,
    earlier: Promise<void> | null,
  ): Promise<void> {
    await earlier
    await appendFile(await partitionFile(partition), bytes)
  }

  return {
    add(rowNumber, canonicalKey) {
      hash128(canonicalKey, record, 0)
      record[RECORD_WORDS - 1] = rowNumber
      const partition = (record[0] ?? 0) % PARTITIONS
      let buffer = buffers.get(partition)
      if (buffer === undefined) {
        buffer = { words: new Uint32Array(BUFFER_WORDS), used: 0 }
        buffers.set(partition, buffer)
      }
      buffer.words.set(record, buffer.used)
      buffer.used += RECORD_WORDS
      if (buffer.used < BUFFER_WORDS) return
      buffers.delete(partition)
      writing = spill(partition, bytesOf(buffer.words), writing)
      // Reported here and by find; a caller who gives up in between must not end the process.
      writing.catch(() => undefined)
      return writing
    },

    async find(limit) {
      await writing
      const found: DuplicateKey[] = []
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const parts: Buffer[] = []
        if (writing !== null) parts.push(await readIfThere(await partitionFile(partition)))
        const buffer = buffers.get(partition)
        if (buffer !== undefined) parts.push(bytesOf(buffer.words.subarray(0, buffer.used)))
        collectDuplicates(Buffer.concat(parts), found)
        // Cut now and then, so that a job of nothing but duplicates stays within bounds too.
        if (found.length > 4 * limit + 10_000) keepFirst(found, limit)
      }
      keepFirst(found, limit)
      return found
    },

    async dispose() {
      const made = folder
      folder = null
      buffers.clear()
      // A failed write has been reported by add or find; the folder must go all the same.
      await writing?.catch(() => undefined)
      writing = null
      // Where the folder could not be made there is none to remove.
      const path = await made?.catch(() => null)
      if (typeof path === 'string') await rm(path, { recursive: true, force: true })
    },
  }
}

function collectDuplicates(records: Buffer, found: DuplicateKey[]): void {
  const firstRows = new Map<string, number>()
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    const key = records.toString('latin1', at, at + HASH_BYTES)
    const rowNumber = rowNumberAt(records, at + HASH_BYTES)
    const firstRowNumber = firstRows.get(key)
    if (firstRowNumber === undefined) firstRows.set(key, rowNumber)
    else found.push({ rowNumber, firstRowNumber })
  }
}

function keepFirst(found: DuplicateKey[], limit: number): void {
  found.sort((left, right) => left.rowNumber - right.rowNumber)
  if (found.length > limit) found.length = limit
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength)
}

/** In this machine's own byte order: the files never leave it. */
function rowNumberAt(records: Buffer, at: number): number {
  return endianness() === 'LE' ? records.readUInt32LE(at) : records.readUInt32BE(at)
}

async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    // A partition whose buffer never filled has no file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
