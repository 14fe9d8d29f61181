import { expect, test } from 'vitest'
import { openApiDocument } from '../../api/openapi/document.ts'
import { exampleValue } from './example-value.ts'
import type { Schema } from './openapi.ts'

const document = openApiDocument()
const sample = (schema: Schema) => exampleValue(schema, 'city', document)

test('an example goes before a default, a default before the first word', () => {
  expect(sample({ example: 'a', default: 'b', enum: ['c'] })).toBe('a')
  expect(sample({ default: 'b', enum: ['c'] })).toBe('b')
  expect(sample({ type: 'string', enum: ['c', 'd'] })).toBe('c')
})

test('objects hold what is required, and nothing else', () => {
  const schema: Schema = {
    type: 'object',
    properties: { city: { type: 'string' }, size: { type: 'integer', minimum: 3 }, note: {} },
    required: ['city', 'size'],
  }
  expect(sample(schema)).toEqual({ city: '<city>', size: 3 })
})

test('one of several is the first, and lists hold one', () => {
  expect(sample({ anyOf: [{ type: 'boolean' }, { type: 'string' }] })).toBe(false)
  expect(sample({ type: 'array', items: { type: ['integer', 'null'] } })).toEqual([1])
})

test('references are followed, and a broken one is an error', () => {
  expect(exampleValue({ $ref: '#/components/schemas/OutcomeCounts' }, 'x', document)).toEqual({
    total: 0,
    success: 0,
    failed: 0,
    unprocessed: 0,
    unknown: 0,
  })
  expect(() => exampleValue({ $ref: '#/components/schemas/Nobody' }, 'x', document)).toThrow(
    'The document has no #/components/schemas/Nobody.',
  )
})
