import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findSignedText, readSignature } from './webhook-signature.ts'

const SECRET = 'a secret of sixteen or more'
const TIMESTAMP = '1764160000'
const sign = (text: string | Buffer, secret = SECRET) =>
  createHmac('sha256', secret).update(`${TIMESTAMP}.`).update(text).digest()
const find = (body: string | Buffer, signature: Buffer, secrets = [SECRET]) =>
  findSignedText(
    { body: Buffer.from(body), timestamp: TIMESTAMP, signature },
    secrets,
  )?.toString() ?? null

test('a body that was signed as it is, is its own text, JSON or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const body = Buffer.from(bytes)
      expect(
        findSignedText({ body, timestamp: TIMESTAMP, signature: sign(body) }, [SECRET]),
      ).toEqual(body)
    }),
  )
})

test('all forms of one body are found, and say what was signed', () => {
  const body = '{"b": "é/\\/", "a": [1.0, 1e2, 12345678901234567890]}'
  for (const form of [
    body,
    '{"a":[1.0,1e2,12345678901234567890],"b":"é/\\/"}',
    '{"a": [1.0, 1e2, 12345678901234567890], "b": "\\u00e9//"}',
    '{"a": [1.0, 100.0, 12345678901234567890], "b": "\\u00e9//"}',
    '{"a":[1.0,100.0,12345678901234567890],"b":"\\u00e9//"}',
  ]) {
    expect(find(body, sign(form)), form).toBe(form)
    expect(find(`\uFEFF${body}`, sign(form)), form).toBe(form === body ? null : form)
  }
  expect(find(body, sign('{"a":[1,100,1],"b":"é//"}'))).toBeNull()
})

test('a byte order mark is no part of what is parsed', () => {
  const form = '{"a":1,"b":2}'
  expect(find(`\uFEFF${form}`, sign(form))).toBe(form)
})

test('what python3 signs is found', () => {
  const script = `
import hashlib, hmac, json, sys
secret, timestamp = sys.argv[1:3]
for line in sys.stdin:
    body = json.loads(line)
    value = json.loads(body)
    for form in (body, json.dumps(value, sort_keys=True), json.dumps(value, sort_keys=True, separators=(",", ":"))):
        print(hmac.new(secret.encode(), f"{timestamp}.{form}".encode(), hashlib.sha256).hexdigest())`
  const bodies = fc
    .sample(fc.jsonValue(), { numRuns: 300, seed: 20_261_126 })
    .map((value) => JSON.stringify(value, null, 1))
  const python = spawnSync('python3', ['-c', script, SECRET, TIMESTAMP], {
    input: bodies
      .map((body) => `${JSON.stringify(body).replaceAll('\u007f', '\\u007f')}\n`)
      .join(''),
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    encoding: 'utf8',
  })
  expect(python.stderr).toBe('')
  const lines = python.stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(bodies.length * 3)
  for (const [place, line] of lines.entries()) {
    expect(find(bodies[Math.floor(place / 3)] ?? '', Buffer.from(line, 'hex')), line).not.toBeNull()
  }
})

test('a body that is too long for it is written in no other form', () => {
  const fits = `{"b":1, "a":"${'x'.repeat(131_072 - 15)}"}`
  expect(Buffer.byteLength(fits)).toBe(131_072)
  const form = (body: string) => JSON.stringify({ a: JSON.parse(body).a, b: 1 })
  expect(find(fits, sign(form(fits)))).toBe(form(fits))
  expect(find(`${fits} `, sign(form(fits)))).toBeNull()
  expect(find(`${fits} `, sign(`${fits} `))).toBe(`${fits} `)
})

test('any of the secrets counts, and no other does', () => {
  const signature = sign('{}', 'the previous secret')
  expect(find('{}', signature, [SECRET, 'the previous secret'])).toBe('{}')
  expect(find('{}', signature)).toBeNull()
  expect(find('{}', signature, [])).toBeNull()
})

test('the timestamp is signed as it was sent', () => {
  const body = Buffer.from('{}')
  expect(
    findSignedText({ body, timestamp: `0${TIMESTAMP}`, signature: sign(body) }, [SECRET]),
  ).toBeNull()
})

test('a byte that differs, or another length, is no signature and no error', () => {
  const good = sign('{}')
  for (const place of [0, 15, 31]) {
    const bad = Buffer.from(good)
    bad[place] = (bad[place] ?? 0) ^ 1
    expect(find('{}', bad)).toBeNull()
  }
  for (const length of [0, 1, 31]) expect(find('{}', good.subarray(0, length))).toBeNull()
  expect(find('{}', Buffer.concat([good, good]))).toBeNull()
})

test('signatures are read in hex and base64 of every form, and only with 32 bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const signature = Buffer.from(bytes)
      const base64 = signature.toString('base64')
      for (const text of [
        ...[signature.toString('hex'), signature.toString('hex').toUpperCase(), base64],
        ...[
          base64.slice(0, -1),
          signature.toString('base64url'),
          `${signature.toString('base64url')}=`,
        ],
      ]) {
        expect(readSignature(text)).toEqual(signature)
      }
    }),
  )
  for (const text of [
    '',
    'x',
    'ab'.repeat(31),
    'ab'.repeat(33),
    `${'ab'.repeat(31)}zz`,
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}é`,
    '=',
    'A'.repeat(100_000),
  ]) {
    expect(readSignature(text), text.slice(0, 70)).toBeNull()
  }
})
