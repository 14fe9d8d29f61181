import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { expect, test } from 'vitest'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createPayloadCodec } from '../../temporal/codec.ts'

const sealing = createSealing([deriveSealingKey('a key of the operator')])
const codec = createPayloadCodec(sealing, true)

function payloadOf(value: unknown): Payload {
  const payload = defaultPayloadConverter.toPayload(value)
  if (payload === undefined) throw new Error('Not a value that goes to Temporal.')
  return payload
}
const valuesOf = (payloads: readonly Payload[]): unknown[] =>
  payloads.map((payload) => defaultPayloadConverter.fromPayload(payload))

const VALUES = [{ jobId: 'bulk_job_telling' }, null, undefined, '', 7, new Uint8Array([0, 255])]

test('values come back as they went in, and lie there sealed', async () => {
  const sealed = await codec.encode(VALUES.map(payloadOf))
  for (const { metadata, data } of sealed) {
    expect(Object.keys(metadata ?? {})).toEqual(['encoding'])
    expect(Buffer.from(metadata?.['encoding'] ?? []).toString()).toBe('binary/conveyor-sealed')
    expect(Buffer.from(data ?? []).includes('telling')).toBe(false)
    expect(Buffer.from(data ?? []).includes('json/plain')).toBe(false)
  }
  expect(valuesOf(await codec.decode(sealed))).toEqual(VALUES)
})

test('a payload of any other encoding passes as it is', async () => {
  const plain = [...VALUES.map(payloadOf), { metadata: {}, data: Buffer.from('x') }, {}]
  expect(await codec.decode(plain)).toEqual(plain)
})

test('what is sealed is not sealed again', async () => {
  const once = await codec.encode([payloadOf('x')])
  expect(await codec.encode(once)).toEqual(once)
})

test('with the switch off nothing is sealed, and what was sealed before still opens', async () => {
  const off = createPayloadCodec(sealing, false)
  const payloads = VALUES.map(payloadOf)
  expect(await off.encode(payloads)).toEqual(payloads)
  expect(valuesOf(await off.decode(await codec.encode(payloads)))).toEqual(VALUES)
})

test('after a change of keys the older one still opens', async () => {
  const sealed = await codec.encode([payloadOf('x')])
  const next = deriveSealingKey('the next key')
  const both = createSealing([next, deriveSealingKey('a key of the operator')])
  expect(valuesOf(await createPayloadCodec(both, true).decode(sealed))).toEqual(['x'])
  const alone = createPayloadCodec(createSealing([next]), true)
  await expect(alone.decode(sealed)).rejects.toThrow(/does not hold/)
})

test('bytes that were changed, or sealed for a table, do not open', async () => {
  const [sealed] = await codec.encode([payloadOf('x')])
  const changed = Buffer.from(sealed?.data ?? [])
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1)
  await expect(codec.decode([{ ...sealed, data: changed }])).rejects.toThrow(/moved or changed/)
  const ofTable = sealing.seal('connections/default/refresh_token', Buffer.from('x'))
  await expect(codec.decode([{ ...sealed, data: ofTable }])).rejects.toThrow(/moved or changed/)
  const inClear = createSealing([]).seal('temporal_payload', Buffer.from('x'))
  await expect(codec.decode([{ ...sealed, data: inClear }])).rejects.toThrow(/damaged/)
})
