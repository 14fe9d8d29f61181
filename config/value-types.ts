import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

/**
 * Forms of values as they stand in the environment: text in, typed value out.
 * An unset variable gives `fallback`; a wrong one gives a message that does not repeat the value.
 */

type Reading<T> = { readonly value: T } | { readonly problem: string }

function read<T, F>(fallback: F, reader: (text: string) => Reading<T>) {
  return z
    .string()
    .optional()
    .transform((text, context): T | F => {
      if (text === undefined) return fallback
      const reading = reader(text)
      if ('value' in reading) return reading.value
      context.addIssue({ code: 'custom', message: reading.problem })
      return z.NEVER
    })
}

/** Text of at least `minLength` characters. */
export function text<F>(fallback: F, minLength = 1) {
  return read(fallback, (value) =>
    value.length >= minLength
      ? { value }
      : { problem: `needs at least ${minLength} characters; it has ${value.length}` },
  )
}

/** Texts of at least `minLength` characters each, separated by commas, none twice. */
export function texts<F>(fallback: F, minLength: number) {
  return read(fallback, (value): Reading<readonly string[]> => {
    const parts = value.split(',').map((part) => part.trim())
    const short = parts.find((part) => part.length < minLength)
    if (short !== undefined) {
      const which = parts.length === 1 ? 'it' : 'one of them'
      return {
        problem: `needs at least ${minLength} characters each; ${which} has ${short.length}`,
      }
    }
    return new Set(parts).size === parts.length
      ? { value: parts }
      : { problem: 'holds the same text twice' }
  })
}

/** A whole number from `min` to `max`. */
export function integer<F>(fallback: F, min: number, max: number) {
  return read(fallback, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max
      ? { value: number }
      : { problem: `is not a whole number from ${min} to ${max}` }
  })
}

/** A decimal number from `min` to `max`. */
export function decimal<F>(fallback: F, min: number, max: number) {
  return read(fallback, (value) => {
    const number = /^\d{1,12}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max
      ? { value: number }
      : { problem: `is not a number from ${min} to ${max}` }
  })
}

/** A time given in seconds and read as milliseconds; `fallback` is in milliseconds already. */
export function seconds<F>(fallback: F, min: number, max: number) {
  return read(fallback, (value) => {
    const number = /^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max
      ? { value: Math.round(number * 1000) }
      : { problem: `is not a number of seconds from ${min} to ${max}` }
  })
}

const BYTES_OF_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** A number of bytes, also with a unit: `50MB`, `10 GiB`. */
export function bytes<F>(fallback: F, min: number, max: number) {
  return read(fallback, (value) => {
    const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(value)
    const unit = BYTES_OF_UNIT[match?.[2]?.toUpperCase() ?? '']
    const number = match === null || unit === undefined ? Number.NaN : Number(match[1]) * unit
    return number >= min && number <= max
      ? { value: Math.round(number) }
      : { problem: `is not a number of bytes from ${min} to ${max}, such as 50000000 or 50MB` }
  })
}

/** true or false, also as 1 and 0, yes and no, on and off. */
export function flag<F>(fallback: F) {
  return read(fallback, (value) => {
    if (/^(true|1|yes|on)$/i.test(value)) return { value: true }
    if (/^(false|0|no|off)$/i.test(value)) return { value: false }
    return { problem: 'is neither true nor false' }
  })
}

/** One word of `words`, in any case. */
export function oneOf<const W extends string, const F>(fallback: F, words: readonly W[]) {
  return read<W, F>(fallback, (value) => {
    const word = words.find((candidate) => candidate === value.toLowerCase())
    return word === undefined ? { problem: `is none of ${words.join(', ')}` } : { value: word }
  })
}

/** Words of `words` separated by commas, without repeats; at least one. */
export function listOf<W extends string>(fallback: readonly W[], words: readonly W[]) {
  return read(fallback, (value): Reading<readonly W[]> => {
    const chosen = value.split(',').map((part) => part.trim().toLowerCase())
    const known = words.filter((word) => chosen.includes(word))
    return chosen.every((part) => words.some((word) => word === part))
      ? { value: known }
      : { problem: `is not a list of ${words.join(', ')} separated by commas` }
  })
}

/** Numbers separated by commas, from `min` to `max` each, at least one and at most `most`. */
export function decimals(fallback: readonly number[], most: number, min: number, max: number) {
  return read(fallback, (value): Reading<readonly number[]> => {
    const parts = value.split(',').map((part) => part.trim())
    const numbers = parts.map(Number)
    const fits = parts.every((part, at) => {
      const number = numbers[at]
      return part !== '' && number !== undefined && number >= min && number <= max
    })
    return fits && parts.length <= most
      ? { value: numbers }
      : { problem: `is not 1 to ${most} numbers from ${min} to ${max} separated by commas` }
  })
}

/** An absolute address with one of `protocols` (written `https:`), as it stands: a redirect address must match to the slash. */
export function address<F>(fallback: F, protocols: readonly string[]) {
  return read(fallback, (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : null
    return parsed !== null && protocols.includes(parsed.protocol) && parsed.hostname !== ''
      ? { value }
      : {
          problem: `is not an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
        }
  })
}

/** Origins (`https://host`, a port where it is not the scheme's own) separated by commas, none twice. */
export function origins(fallback: readonly string[]) {
  return read(fallback, (value): Reading<readonly string[]> => {
    const parts = value.split(',').map((part) => part.trim())
    const isOrigin = (part: string) =>
      /^https?:/.test(part) && URL.canParse(part) && new URL(part).origin === part
    return parts.every(isOrigin)
      ? { value: [...new Set(parts)] }
      : {
          problem:
            'is not a list of origins such as https://console.example.com, in small letters, without a path or a slash at the end',
        }
  })
}

/** Networks (`192.0.2.0/24`, `2001:db8::/32`) separated by commas, none twice; mapped IPv4 is written as IPv4. */
export function networks(fallback: readonly string[]) {
  return read(fallback, (value): Reading<readonly string[]> => {
    const known = value.split(',').map((part) => networkOf(part.trim()))
    const valid = known.filter((network) => network !== null)
    return valid.length === known.length
      ? { value: [...new Set(valid)] }
      : {
          problem:
            'is not a list of networks such as 192.0.2.0/24,2001:db8::/32, each with its number of bits, separated by commas',
        }
  })
}

function networkOf(text: string): string | null {
  const [, address = '', digits = ''] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text) ?? []
  // Not by ipaddr.js: it takes short and octal forms, and `010.0.0.0/8` would be another network than was meant.
  const family = isIP(address)
  const bits = Number(digits)
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return null
  if (family === 4) return `${address}/${bits}`
  // Which ipaddr.js takes for mapped, and nobody uses.
  if (/^::\d+\./.test(address)) return null
  const parsed = ipaddr.IPv6.parse(address)
  if (!parsed.isIPv4MappedAddress()) return `${parsed.toString()}/${bits}`
  // Callers' addresses are compared as IPv4 too. With fewer bits it would hold more than IPv4.
  return bits < 96 ? null : `${parsed.toIPv4Address().toString()}/${bits - 96}`
}

/** Text of one pattern; `form` says in words what it looks like. */
export function pattern<F>(fallback: F, expression: RegExp, form: string) {
  return read(fallback, (value) =>
    expression.test(value) ? { value } : { problem: `is not ${form}` },
  )
}
