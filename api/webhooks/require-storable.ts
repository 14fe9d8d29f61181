import { decodeString, type JsonNode } from '../../security/json-tokens.ts'
import { ApiError } from '../errors.ts'
import { bodyTokens } from './body-tokens.ts'

/** Text without any of these holds nothing that jsonb does not take. */
const SUSPECT = /\\u0000|\\u[dD][89a-fA-F]|\d[eE]|\d{1000}/
/** Each nests something deeper. */
const MOST_SHALLOW_BRACKETS = 100
/** Digits that Postgres keeps before and behind the point. */
const MOST_WHOLE_DIGITS = 131_072
const MOST_SCALE = 16_383
/** `1e9000` takes six bytes, and nine thousand where it is printed again. */
const MOST_PRINTED_DIGITS = 1_000_000

/**
 * Refuses JSON that Postgres could not store: NUL, halves of surrogate pairs, numbers out of range, depth.
 * @throws {ApiError} naming the field
 */
export function requireStorable(text: string): void {
  if (!SUSPECT.test(text) && hasFewBrackets(text)) return
  let printed = 0
  walk(bodyTokens(text), '')

  function walk(node: JsonNode, path: string): void {
    switch (node.kind) {
      case 'object':
        for (const { key, value } of node.members) {
          requireText(key, path === '' ? 'of a name' : `of a name in ${path}`)
          walk(value, path === '' ? key : `${path}.${key}`)
        }
        return
      case 'array':
        for (const [place, item] of node.items.entries()) walk(item, `${path}[${place}]`)
        return
      case 'string':
        requireText(decodeString(text, node), path)
        return
      case 'number':
        printed += printedDigits(text.slice(node.start, node.end), path)
        if (printed > MOST_PRINTED_DIGITS) throw outOfRange(path)
        return
      case 'literal':
        return
    }
  }
}

function hasFewBrackets(text: string): boolean {
  let brackets = 0
  for (const _bracket of text.matchAll(/[[{]/g)) {
    brackets += 1
    if (brackets > MOST_SHALLOW_BRACKETS) return false
  }
  return true
}

function requireText(text: string, path: string): void {
  if (text.includes('\u0000')) {
    throw new ApiError('invalid_character', `The field ${shown(path)} holds a NUL character.`)
  }
  if (!text.isWellFormed()) {
    const message = `The field ${shown(path)} holds half of a surrogate pair, which is no character.`
    throw new ApiError('invalid_character', message)
  }
}

/** How many digits the number has where it is printed without an exponent. */
function printedDigits(token: string, path: string): number {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const exponent = Number(power)
  const digits = `${whole}${fraction}`
  const leading = digits.length - digits.replace(/^0+/, '').length
  const isZero = leading === digits.length
  const before = isZero ? 1 : whole.length - leading + exponent
  const scale = Math.max(0, fraction.length - exponent)
  if (Math.abs(exponent) > 1e6 || before > MOST_WHOLE_DIGITS || scale > MOST_SCALE) {
    throw outOfRange(path)
  }
  return Math.max(before, 1) + scale
}

function outOfRange(path: string): ApiError {
  const message = `The field ${shown(path)} holds a number that is too large or too small to be stored.`
  return new ApiError('number_out_of_range', message)
}

/** Names of fields are the caller's: only what can be read in a message. */
function shown(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
