import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTooDeep, type JsonPath, jsonFault, positionOf } from './json-scan.ts'

/** All paths of a value, with the value that they lead to. */
function pathsOf(value: unknown, path: JsonPath = []): [JsonPath, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [[path, value], ...inner.flatMap(([name, each]) => pathsOf(each, [...path, name]))]
}

test('the position of a value is where its text begins', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (json, indent) => {
      const value: unknown = JSON.parse(json)
      const text = JSON.stringify(value, null, indent)
      for (const [path, each] of pathsOf(value)) {
        const { line, column } = positionOf(text, path)
        const from = text
          .split('\n')
          .slice(line - 1)
          .join('\n')
          .slice(column - 1)
        expect(from.startsWith(JSON.stringify(each, null, indent).slice(0, 1))).toBe(true)
      }
    }),
  )
})

test('what the engine refuses has a fault, and only that', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, at, noise) => {
      const place = at % (json.length + 1)
      const text = json.slice(0, place) + noise + json.slice(place + 1)
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      if (isJson) expect(() => jsonFault(text)).toThrow('the text is JSON')
      else expect(jsonFault(text).message).toMatch(/^Unexpected (character|end-of-input)/)
    }),
    { numRuns: 2_000 },
  )
})

test('a text that is nested too deep has a fault, and no crash', () => {
  expect(jsonFault('['.repeat(200_000)).message).toMatch(/^Unexpected|deep/)
})

test('only what is nested too deep has a fault although it is JSON', () => {
  const nested = (levels: number) => `${'[{"[":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`
  for (const text of ['1', '[]', nested(1_000), '"[["', '{"\\\\":"\\"["}']) {
    expect(isTooDeep(text)).toBe(false)
    expect(() => jsonFault(text)).toThrow('the text is JSON')
  }
  for (const text of [nested(1_002), `${'['.repeat(1_001)}${']'.repeat(1_001)}`]) {
    expect(isTooDeep(text)).toBe(true)
    expect(jsonFault(text).message).toBe('Unexpected depth of nesting')
  }
})

test('a text of many characters or escapes has its place, and no crash', () => {
  for (const part of ['a', '\\n']) {
    const long = `"${part.repeat(3_000_000)}"`
    expect(positionOf(`[${long},1]`, [1]).column).toBe(long.length + 3)
    expect(jsonFault(`[${long}`).message).toBe('Unexpected end-of-input')
  }
})
