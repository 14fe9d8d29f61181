import { expect, test } from 'vitest'
import { createSealing, deriveSealingKey, SealingError } from './sealing.ts'

const bytes = Buffer.from('a record')
const sealing = createSealing(deriveSealingKey('one secret of the operator'))

test('sealed bytes open in their place and nowhere else', () => {
  const sealed = sealing.seal('table/row/1', bytes)
  expect(sealed.includes(bytes)).toBe(false)
  expect(sealing.open('table/row/1', sealed)).toEqual(bytes)
  expect(() => sealing.open('table/row/2', sealed)).toThrow(SealingError)
})

test('a changed byte and another key are noticed', () => {
  const sealed = sealing.seal('x', bytes)
  const last = sealed.length - 1
  sealed.writeUInt8((sealed.readUInt8(last) + 1) % 256, last)
  expect(() => sealing.open('x', sealed)).toThrow(SealingError)
  const other = createSealing(deriveSealingKey('another secret'))
  expect(() => other.open('x', sealing.seal('x', bytes))).toThrow(SealingError)
})

test('what was stored without a key opens after one is set', () => {
  const plain = createSealing(null).seal('x', bytes)
  expect(sealing.open('x', plain)).toEqual(bytes)
  expect(() => createSealing(null).open('x', sealing.seal('x', bytes))).toThrow(/ENCRYPTION_KEY/)
})
