import { createReadStream } from 'node:fs'

/** A run of whole records of a CSV file, without its header. */
export interface CsvFilePart {
  /** First byte. */
  readonly start: number
  /** One past the last byte. */
  readonly end: number
  readonly rows: number
}

export interface SplitCsvFile {
  /** The header line with its line end. */
  readonly header: Buffer
  readonly parts: readonly CsvFilePart[]
  /** Records without the header. */
  readonly rows: number
}

const QUOTE = 0x22
const NEWLINE = 0x0a

/**
 * Finds where a CSV file may be cut so that no part with its header exceeds the bounds. Only quotes
 * and line ends are looked at, so this is about as fast as the file can be read.
 * @throws Error where a quote is never closed or one record alone is over `maxBytes`.
 */
export async function splitCsvFile(
  path: string,
  bounds: { readonly maxRows: number; readonly maxBytes: number },
): Promise<SplitCsvFile> {
  const head: Buffer[] = []
  const parts: CsvFilePart[] = []
  let header: Buffer | null = null
  let part = { start: 0, end: 0, rows: 0 }
  let offset = 0
  let inQuotes = false

  function endRecord(end: number): void {
    const room = bounds.maxBytes - (header?.length ?? 0)
    if (end - part.end > room) throw new Error(`A record of ${path} is over the bound in bytes.`)
    if (part.rows === bounds.maxRows || end - part.start > room) {
      parts.push(part)
      part = { start: part.end, end: part.end, rows: 0 }
    }
    part = { start: part.start, end, rows: part.rows + 1 }
  }

  // A file's stream yields buffers as long as no encoding is set.
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 20,
  }) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (byte === QUOTE) inQuotes = !inQuotes
      else if (byte === NEWLINE && !inQuotes) {
        const end = offset + at + 1
        if (header !== null) endRecord(end)
        else {
          header = Buffer.concat([...head, chunk.subarray(0, at + 1)])
          part = { start: end, end, rows: 0 }
        }
      }
    }
    if (header === null) head.push(chunk)
    offset += chunk.length
  }
  if (inQuotes) throw new Error(`A quote in ${path} is never closed.`)
  // The last record may lack its line end.
  if (header !== null && part.end < offset) endRecord(offset)
  if (part.rows > 0) parts.push(part)
  return {
    header: header ?? Buffer.concat(head),
    parts,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
  }
}
