import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { uuidV7 } from './uuid-v7.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^43 is above 2^256: 32 random bytes fit. */
const RANDOM_LENGTH = 43
/** 62^6 is above 2^32. */
const CHECKSUM_LENGTH = 6
const FORM = /^(cvy_(?:live|test)_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** Keys of an installation that is for real are told from others at a glance. */
export type ApiKeyEnvironment = 'live' | 'test'

/**
 * A new key, `cvy_<environment>_<random><checksum>`: 256 random bits and the CRC-32 of all before it, both in base
 * 62. The prefix lets secret scanners find keys that leaked; the checksum tells a misspelt key without a look-up.
 */
export function makeApiKey(environment: ApiKeyEnvironment): string {
  const body = `cvy_${environment}_${base62(BigInt(`0x${randomBytes(32).toString('hex')}`), RANDOM_LENGTH)}`
  return body + checksumOf(body)
}

/** A new key with what is kept of it. */
export function issueApiKey(environment: ApiKeyEnvironment) {
  const key = makeApiKey(environment)
  return { key, keyId: `key_${uuidV7()}`, keyHash: hashApiKey(key), hint: apiKeyHint(key) }
}

/** Whether the text is a key that was made by {@link makeApiKey}, as far as its form tells. */
export function isApiKey(text: string): boolean {
  const [, body, checksum] = FORM.exec(text) ?? []
  return body !== undefined && checksumOf(body) === checksum
}

/** What is kept of a key: SHA-256, as a key is random enough to need no slow hash. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What may be shown of a key: enough to tell it from others. */
export function apiKeyHint(key: string): string {
  return `${key.slice(0, 9)}…${key.slice(-4)}`
}

function checksumOf(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH)
}

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text
  return text.padStart(length, '0')
}
