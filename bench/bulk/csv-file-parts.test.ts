import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeAccountCsv } from './account-rows.ts'
import { splitCsvFile } from './csv-file-parts.ts'

const HEADER = 'Name,Description\n'
let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csv-file-parts-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function split(text: string, bounds: { maxRows: number; maxBytes: number }) {
  const path = join(directory, 'some.csv')
  await writeFile(path, text)
  return splitCsvFile(path, bounds)
}

test('parts hold whole records, join to the file and keep the bounds', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n'), maxLength: 12 })
  const record = fc
    .tuple(cell, cell)
    .map((cells) => `${cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')}\n`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 120, max: 400 }),
      async (records, maxRows, maxBytes) => {
        const { header, parts, rows } = await split(HEADER + records.join(''), {
          maxRows,
          maxBytes,
        })
        expect(header.toString()).toBe(HEADER)
        expect(rows).toBe(records.length)
        const bytes = Buffer.from(HEADER + records.join(''))
        let next = 0
        for (const part of parts) {
          const wanted = records.slice(next, next + part.rows).join('')
          expect(bytes.subarray(part.start, part.end).toString()).toBe(wanted)
          expect(part.rows).toBeLessThanOrEqual(maxRows)
          expect(part.end - part.start + header.length).toBeLessThanOrEqual(maxBytes)
          next += part.rows
        }
        expect(next).toBe(records.length)
      },
    ),
    { numRuns: 60 },
  )
})

test('a last record without a line end counts', async () => {
  const { parts } = await split(`${HEADER}a,b\nc,d`, { maxRows: 1, maxBytes: 100 })
  expect(parts).toEqual([
    { start: HEADER.length, end: HEADER.length + 4, rows: 1 },
    { start: HEADER.length + 4, end: HEADER.length + 7, rows: 1 },
  ])
})

test('a broken file and a record over the bound are refused', async () => {
  const bounds = { maxRows: 10, maxBytes: 30 }
  await expect(split(`${HEADER}"a,b\n`, bounds)).rejects.toThrow('never closed')
  await expect(split(`${HEADER}${'a'.repeat(40)},b\n`, bounds)).rejects.toThrow('over the bound')
})

test('the accounts file has the rows it says, with and without keys', async () => {
  const path = join(directory, 'accounts.csv')
  for (const keyed of [true, false]) {
    const bytes = await writeAccountCsv(path, 2_345, keyed)
    const found = await splitCsvFile(path, { maxRows: 1_000, maxBytes: 1e9 })
    expect(found.parts.map(({ rows }) => rows)).toEqual([1_000, 1_000, 345])
    expect(found.header.includes('Conveyor_Key__c')).toBe(keyed)
    expect((await readFile(path)).length).toBe(bytes)
  }
})
