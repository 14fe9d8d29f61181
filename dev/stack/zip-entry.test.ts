import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { extractZipEntry, ZipError } from './zip-entry.ts'

interface Member {
  name: string
  content: Buffer
  deflate: boolean
  crc?: number
  method?: number
}

/** A zip file as PKWARE's APPNOTE.TXT 6.3.10 lays it out, with a comment at its end. */
function zip(members: readonly Member[], comment = 'made for a test'): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const data = member.deflate ? deflateRawSync(member.content) : member.content
    const name = Buffer.from(member.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(member.method ?? (member.deflate ? 8 : 0), 4)
    fields.writeUInt32LE(member.crc ?? crc32(member.content), 10)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(member.content.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const extra = Buffer.from([1, 2, 3, 4])
    fields.writeUInt16LE(extra.length, 24)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, extra, data])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, name, extra)
    bodies.push(local)
    offset += local.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(members.length, 4)
  end.writeUInt16LE(members.length, 6)
  end.writeUInt32LE(list.length, 8)
  end.writeUInt32LE(offset, 12)
  end.writeUInt16LE(comment.length, 16)
  return Buffer.concat([...bodies, list, Buffer.from('PK\x05\x06'), end, Buffer.from(comment)])
}

async function extractFrom(archive: Buffer, name: string): Promise<Buffer> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.zip'), archive)
  await extractZipEntry(join(folder, 'a.zip'), (entry) => entry === name, join(folder, 'out'))
  return readFile(join(folder, 'out'))
}

const hello: Member = { name: 'x/hello', content: Buffer.from('hello '.repeat(500)), deflate: true }

test('any content comes out as it went in, stored or deflated, whatever stands around it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 5_000 }),
      fc.boolean(),
      fc.string({ maxLength: 40, unit: 'grapheme-ascii' }),
      async (bytes, deflate, comment) => {
        const content = Buffer.from(bytes)
        const archive = zip(
          [hello, { name: 'b/temporal', content, deflate }, { ...hello, name: 'z' }],
          comment,
        )
        expect(await extractFrom(archive, 'b/temporal')).toEqual(content)
      },
    ),
    { numRuns: 40 },
  )
})

describe('refused', () => {
  const refusal = (archive: Buffer, name = hello.name) =>
    extractFrom(archive, name).catch((error: unknown) => error)

  test.each([
    ['no zip file', Buffer.from('<html>not found</html>')],
    ['an empty file', Buffer.alloc(0)],
    ['a cut end', zip([hello]).subarray(0, -30)],
    ['a cut beginning', zip([hello]).subarray(40)],
    ['another checksum', zip([{ ...hello, crc: 1 }])],
    ['a method that is not read', zip([{ ...hello, method: 14 }])],
    ['no such entry', zip([{ ...hello, name: 'other' }])],
    ['the entry twice', zip([hello, hello])],
  ])('%s', async (_name, archive) => {
    expect(await refusal(archive)).toBeInstanceOf(ZipError)
  })

  test('content that was changed', async () => {
    const archive = zip([{ ...hello, deflate: false }])
    archive[100] = 0
    expect(await refusal(archive)).toBeInstanceOf(ZipError)
  })
})

test('a file cut while it lies there is refused', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'a.zip')
  await writeFile(file, zip([hello], ''))
  await truncate(file, 60)
  const extraction = extractZipEntry(file, () => true, join(folder, 'out'))
  await expect(extraction).rejects.toBeInstanceOf(ZipError)
})
