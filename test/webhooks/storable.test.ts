import fc from 'fast-check'
import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requireStorable } from '../../api/webhooks/require-storable.ts'
import { row } from '../../db/row-type.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** Whether Postgres takes the text, as is asked of it in one statement for all. */
async function taken(texts: readonly string[]): Promise<readonly boolean[]> {
  return database.pool.anyFirst(sql.type(row<{ ok: boolean }>())`
    select pg_input_is_valid(text, 'jsonb') as ok
    from unnest(${sql.array([...texts], 'text')}) with ordinality t (text, place) order by place`)
}

function storable(text: string): boolean {
  try {
    requireStorable(text)
    return true
  } catch {
    return false
  }
}

test('what is let through is what jsonb takes', async () => {
  const digits = fc.stringMatching(/^\d{1,6}$/)
  const power = fc.oneof(
    fc.integer({ min: -17_000, max: -16_000 }),
    fc.integer({ min: 130_900, max: 131_200 }),
    fc.integer({ min: -20, max: 20 }),
    fc.constantFrom(999_999_999, -999_999_999, 10_000_000_000),
  )
  const number = fc
    .tuple(fc.boolean(), digits, fc.option(digits), fc.option(power))
    .map(([negative, whole, fraction, exponent]) => {
      const head = `${negative ? '-' : ''}${whole.replace(/^0+(?=\d)/, '')}`
      return `${head}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`
    })
  const string = fc
    .array(
      fc.constantFrom('a', '\\\\', '\\u0000', '\\ud800', '\\ude00', '\\ud83d\\ude00', 'u0000'),
      { maxLength: 4 },
    )
    .map((parts) => `"${parts.join('')}"`)
  const texts = fc
    .sample(fc.oneof(number, string), { numRuns: 3_000, seed: 20_261_126 })
    .map((value) => `{"a":${value}}`)
  texts.push(
    `{"a":${'1'.repeat(131_072)}}`,
    `{"a":${'1'.repeat(131_073)}}`,
    `{"a":0.${'1'.repeat(16_383)}}`,
    `{"a":0.${'1'.repeat(16_384)}}`,
  )
  const expected = await taken(texts)
  expect(expected).toContain(false)
  for (const [place, text] of texts.entries()) {
    expect(storable(text), text.slice(0, 60)).toBe(expected[place])
  }
})
