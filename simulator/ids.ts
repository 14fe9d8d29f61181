/** Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum suffix. */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
/** Key prefix (3) and pod (4): what remains of the 15 characters counts records. */
const COUNTER_LENGTH = 8
const POD = 'fK00'

/** The three characters that make a 15-character id safe where case is lost. */
export function idChecksum(id15: string): string {
  let suffix = ''
  for (let block = 0; block < 3; block += 1) {
    let bits = 0
    for (let position = 0; position < 5; position += 1) {
      const code = id15.charCodeAt(block * 5 + position)
      if (code >= 65 && code <= 90) bits |= 1 << position
    }
    suffix += CHECKSUM.charAt(bits)
  }
  return suffix
}

/** The 18-character id of record number `n` (1 and up) of the object with this key prefix. */
export function makeId(keyPrefix: string, n: number): string {
  let counter = ''
  let rest = n
  while (rest > 0) {
    counter = DIGITS.charAt(rest % 62) + counter
    rest = Math.floor(rest / 62)
  }
  const id15 = keyPrefix + POD + counter.padStart(COUNTER_LENGTH, '0')
  return id15 + idChecksum(id15)
}

/** An id as it is stored: 18 characters. `null` when the text is no id, or its checksum is wrong. */
export function canonicalId(text: string): string | null {
  if (text.length === 15) return /^[0-9A-Za-z]{15}$/.test(text) ? text + idChecksum(text) : null
  if (text.length !== 18 || !/^[0-9A-Za-z]{18}$/.test(text)) return null
  const id15 = text.slice(0, 15)
  return idChecksum(id15) === text.slice(15).toUpperCase() ? id15 + idChecksum(id15) : null
}

/** The record number inside a canonical id; `null` when the id cannot be one of this org's. */
export function recordNumber(id18: string): number | null {
  if (id18.slice(3, 7) !== POD) return null
  let n = 0
  for (let position = 7; position < 15; position += 1) {
    n = n * 62 + DIGITS.indexOf(id18.charAt(position))
  }
  return Number.isSafeInteger(n) && n > 0 ? n : null
}

/** The three characters that tell the object of an id. */
export function keyPrefixOf(id: string): string {
  return id.slice(0, 3)
}
