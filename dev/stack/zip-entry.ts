import { createWriteStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'

/** An archive that is no zip file, is cut off, or uses what is not read here. */
export class ZipError extends Error {
  override readonly name = 'ZipError'
}

interface Entry {
  name: string
  method: number
  crc: number
  compressedSize: number
  size: number
  localHeader: number
}

// Numbers and offsets: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16 and 4.4.5.
const END_SIGNATURE = 0x06054b50
const CENTRAL_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_SIZE = 22
const MAXIMUM_COMMENT = 0xffff
const STORED = 0
const DEFLATED = 8
const ZIP64_MARK = 0xffffffff

/**
 * Writes the one entry whose name `matches` to `destination`, checking length and CRC-32. Reads
 * stored and deflated entries under 4 GiB, without holding the content in memory.
 * @throws ZipError
 */
export async function extractZipEntry(
  archive: string,
  matches: (name: string) => boolean,
  destination: string,
): Promise<void> {
  const file = await open(archive, 'r')
  try {
    const entries = (await listEntries(file)).filter(({ name }) => matches(name))
    const [entry] = entries
    if (entry === undefined || entries.length > 1) {
      throw new ZipError(`${entries.length} entries match where one should.`)
    }
    await extract(file, entry, destination)
  } finally {
    await file.close()
  }
}

async function listEntries(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat()
  const tailLength = Math.min(size, END_SIZE + MAXIMUM_COMMENT)
  const tail = await readExactly(file, size - tailLength, tailLength)
  let at = tail.length - END_SIZE
  // The end record is followed by a comment of unknown length: it is sought from the back.
  while (at >= 0 && tail.readUInt32LE(at) !== END_SIGNATURE) at -= 1
  if (at < 0) throw new ZipError('This is no zip file, or its end is missing.')
  const count = tail.readUInt16LE(at + 10)
  const directory = await readExactly(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12))

  const entries: Entry[] = []
  let offset = 0
  for (let index = 0; index < count; index += 1) {
    if (offset + 46 > directory.length || directory.readUInt32LE(offset) !== CENTRAL_SIGNATURE) {
      throw new ZipError('The list of entries is damaged.')
    }
    const nameLength = directory.readUInt16LE(offset + 28)
    entries.push({
      method: directory.readUInt16LE(offset + 10),
      crc: directory.readUInt32LE(offset + 16),
      compressedSize: directory.readUInt32LE(offset + 20),
      size: directory.readUInt32LE(offset + 24),
      localHeader: directory.readUInt32LE(offset + 42),
      name: directory.toString('utf8', offset + 46, offset + 46 + nameLength),
    })
    const extraLength = directory.readUInt16LE(offset + 30)
    offset += 46 + nameLength + extraLength + directory.readUInt16LE(offset + 32)
  }
  return entries
}

async function extract(file: FileHandle, entry: Entry, destination: string): Promise<void> {
  if ([entry.size, entry.compressedSize, entry.localHeader].includes(ZIP64_MARK)) {
    throw new ZipError(`${entry.name} is in zip64 form, which is not read here.`)
  }
  const header = await readExactly(file, entry.localHeader, 30)
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new ZipError(`${entry.name} is damaged.`)
  const start = entry.localHeader + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  const content = () =>
    file.createReadStream({ start, end: start + entry.compressedSize - 1, autoClose: false })
  let crc = 0
  let size = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc)
      size += chunk.length
      done(null, chunk)
    },
  })
  const sink = createWriteStream(destination)
  // A stream cannot end before its start, which is how nothing would be asked for.
  if (entry.compressedSize === 0) await pipeline(measure.end(), sink)
  else if (entry.method === STORED) await pipeline(content(), measure, sink)
  else if (entry.method === DEFLATED) await pipeline(content(), createInflateRaw(), measure, sink)
  else throw new ZipError(`${entry.name} is compressed by method ${entry.method}.`)
  if (size !== entry.size || crc !== entry.crc) {
    throw new ZipError(`${entry.name} does not match its checksum.`)
  }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position)
  if (bytesRead !== length) throw new ZipError('The archive is cut off.')
  return buffer
}
