import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CanonicalForm, canonicalJson, sortKeys } from './canonical-json.ts'
import { JsonTextError, readJsonTokens } from './json-tokens.ts'

const COMPACT: CanonicalForm = { comma: ',', colon: ':', strings: 'sent', numbers: 'sent' }
const PYTHON: CanonicalForm = { comma: ', ', colon: ': ', strings: 'python', numbers: 'python' }

const canonical = (text: string, form: CanonicalForm) =>
  canonicalJson(text, sortKeys(readJsonTokens(text)), form)

/** JSON texts with white space, escapes and numbers of every form. */
const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n  ')
const character = fc.oneof(
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 3 })
    .map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom(
    '\\/',
    '\\u00e9',
    '\\u00E9',
    'é',
    '\\ud83d\\ude00',
    '😀',
    '\\ud800',
    '\\n',
    '\\u000a',
    '\u007f',
    '\uffff',
    '\\\\u0041',
  ),
)
const stringToken = fc.array(character, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`)
const numberToken = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1.0',
    '1.10',
    '1e2',
    '1E+2',
    '1e-7',
    '12345678901234567890',
    '0.1',
    '1e16',
    '1e15',
    '123456789012345.6',
    '0.0001',
    '0.00001',
    '1e22',
    '5e-324',
    '1.7976931348623157e308',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
)
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    stringToken,
    numberToken,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .array(fc.tuple(space, tie('value')), { maxLength: 4 })
      .map((items) => `[${items.map(([gap, item]) => gap + item + gap).join(',')}]`),
    fc
      .array(fc.tuple(space, stringToken, tie('value')), { maxLength: 5 })
      .map(
        (members) =>
          `{${members.map(([gap, key, item]) => `${gap}${key}${gap}:${gap}${item}`).join(',')}}`,
      ),
  ),
})).value

describe('tokens', () => {
  test('are those of JSON, and of nothing else', () => {
    fc.assert(
      fc.property(
        jsonText,
        fc.nat(),
        fc.constantFrom('', ',', '"', '\\', '}', '0', ' x'),
        (text, at, put) => {
          const cut = at % (text.length + 1)
          const spoiled = text.slice(0, cut) + put + text.slice(cut + 1)
          for (const candidate of [text, spoiled]) expect(reads(candidate)).toBe(parses(candidate))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('stop at a depth and at a number of values', () => {
    expect(() => readJsonTokens(`${'['.repeat(101)}${']'.repeat(101)}`)).toThrow(/deeper than 100/)
    expect(readJsonTokens(`${'['.repeat(100)}${']'.repeat(100)}`).kind).toBe('array')
    expect(() => readJsonTokens(`[${'1,'.repeat(200_000)}1]`)).toThrow(/over 200000 values/)
  })
})

function reads(text: string): boolean {
  try {
    readJsonTokens(text)
    return true
  } catch (error) {
    if (error instanceof JsonTextError) return false
    throw error
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('forms', () => {
  test('the compact one keeps numbers and escapes as they were sent', () => {
    const sent = '{ "b" : [1.0, 12345678901234567890 , 1E2], "a\\/": "\\u00E9é\\n" }'
    expect(canonical(sent, COMPACT)).toBe(
      '{"a\\/":"\\u00E9é\\n","b":[1.0,12345678901234567890,1E2]}',
    )
  })

  test("Python's writes strings and numbers anew", () => {
    const sent = '{"b":[1.0,12345678901234567890,1E2,-0,1e-7],"a\\/":"\\u00E9é\\n\u007f😀"}'
    expect(canonical(sent, PYTHON)).toBe(
      '{"a/": "\\u00e9\\u00e9\\n\\u007f\\ud83d\\ude00", "b": [1.0, 12345678901234567890, 100.0, 0, 1e-07]}',
    )
    expect(canonical(sent, { ...PYTHON, numbers: 'sent' })).toContain('1E2, -0, 1e-7]')
  })

  test('sort by code points, and of a key given twice the last counts', () => {
    expect(canonical('{"\uffff":1,"😀":2,"z":3,"z":4}', COMPACT)).toBe('{"z":4,"\uffff":1,"😀":2}')
  })

  test('a number that Python reads as infinite has none', () => {
    expect(canonical('[1e400]', PYTHON)).toBeNull()
    expect(canonical('[1e400]', COMPACT)).toBe('[1e400]')
  })

  test('say the same as what was sent', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        for (const form of [COMPACT, { ...PYTHON, numbers: 'sent' } as const]) {
          expect(JSON.parse(canonical(text, form) ?? '')).toEqual(JSON.parse(text))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('are what python3 makes of the same text', () => {
    const texts = fc.sample(jsonText, { numRuns: 2_000, seed: 20_261_126 })
    const script = `
import json, sys
for line in sys.stdin:
    value = json.loads(json.loads(line))
    print(json.dumps(json.dumps(value, sort_keys=True)))
    print(json.dumps(json.dumps(value, sort_keys=True, separators=(",", ":"))))`
    const python = spawnSync('python3', ['-c', script], {
      input: texts.map((text) => `${pythonSafe(text)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    })
    expect(python.stderr).toBe('')
    const lines = python.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(texts.length * 2)
    for (const [place, text] of texts.entries()) {
      expect(canonical(text, PYTHON), text).toBe(JSON.parse(lines[place * 2] ?? ''))
      expect(canonical(text, { ...PYTHON, comma: ',', colon: ':' }), text).toBe(
        JSON.parse(lines[place * 2 + 1] ?? ''),
      )
    }
  })
})

/** On one line, in ASCII: no encoding of pipes gets in between. */
function pythonSafe(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
