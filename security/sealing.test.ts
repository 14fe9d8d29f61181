import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealing, deriveSealingKey, SealingError, sealingKeyId } from './sealing.ts'

const bytes = Buffer.from('a record')
const key = deriveSealingKey('one secret of the operator')
const sealing = createSealing([key])

test('sealed bytes open in their place and nowhere else', () => {
  const sealed = sealing.seal('table/row/1', bytes)
  expect(sealed.includes(bytes)).toBe(false)
  expect(sealing.open('table/row/1', sealed)).toEqual(bytes)
  expect(() => sealing.open('table/row/2', sealed)).toThrow(SealingError)
})

test('any byte that is changed, and any that is missing, is noticed', () => {
  const sealed = sealing.seal('x', bytes)
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(sealed)
      changed.writeUInt8((changed.readUInt8(at) + by) % 256, at)
      // The first byte may become the marker of what is not sealed: that opens, and is other bytes.
      if (changed[0] === 0) expect(sealing.open('x', changed)).not.toEqual(bytes)
      else expect(() => sealing.open('x', changed)).toThrow(SealingError)
      expect(() => sealing.open('x', sealed.subarray(0, at))).toThrow(SealingError)
    }),
  )
})

test('the newest key seals, and every key opens what it sealed', () => {
  const next = deriveSealingKey('the next secret of the operator')
  const both = createSealing([next, key])
  const old = sealing.seal('x', bytes)
  expect(both.open('x', old)).toEqual(bytes)
  expect(sealingKeyId(old)).toBe(key.id)
  expect(sealingKeyId(both.seal('x', bytes))).toBe(next.id)
  expect(both.keyId).toBe(next.id)
  expect(() => createSealing([next]).open('x', old)).toThrow(
    new RegExp(`x is sealed with the key ${key.id}.*Add that key`),
  )
})

test('a secret in clear does not open as one', () => {
  const plain = createSealing([]).seal('x', bytes)
  expect(() => sealing.openSecret('x', plain)).toThrow(SealingError)
  expect(() => createSealing([]).openSecret('x', plain)).toThrow(SealingError)
  expect(sealing.openSecret('x', sealing.seal('x', bytes))).toEqual(bytes)
})

test.each([0, 1, 15, 16, 17, 1_000_000])('%d bytes come back as they went in', (length) => {
  const content = Buffer.alloc(length, 7)
  expect(sealing.open('x', sealing.seal('x', content)).equals(content)).toBe(true)
})

test('what was stored without a key opens after one is set', () => {
  const none = createSealing([])
  const plain = none.seal('x', bytes)
  expect([none.keyId, sealingKeyId(plain)]).toEqual([null, null])
  expect(sealing.open('x', plain)).toEqual(bytes)
  expect(() => none.open('x', sealing.seal('x', bytes))).toThrow(/ENCRYPTION_KEY/)
})

test('a key and its id are the same at every start, and the id is not the key', () => {
  const again = deriveSealingKey('one secret of the operator')
  expect(again.id).toBe(key.id)
  expect(again.secret.equals(key.secret)).toBe(true)
  expect(again.secret.export().includes(Buffer.from(again.id, 'hex'))).toBe(false)
})
