const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const ID_FORM = /^[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?$/

/**
 * The 18-character form of a Salesforce id, or null where `value` is none.
 * The last three characters of the long form say which of the first fifteen are capitals, so a long id
 * whose case was lost (spreadsheets do that) is restored; one that calls a digit a capital is malformed.
 */
export function canonicalId(value: string): string | null {
  if (!ID_FORM.test(value)) return null
  if (value.length === 15) return value + suffixOf(value)
  if (hasOwnSuffix(value)) return value
  let restored = ''
  for (let block = 0; block < 3; block++) {
    const capitals = SUFFIX_ALPHABET.indexOf(value.charAt(15 + block).toUpperCase())
    for (let place = 0; place < 5; place++) {
      const character = value.charAt(block * 5 + place)
      if ((capitals >> place) & 1) {
        if (character >= '0' && character <= '9') return null
        restored += character.toUpperCase()
      } else {
        restored += character.toLowerCase()
      }
    }
  }
  return restored + value.slice(15).toUpperCase()
}

/** Nearly every id is in its proper form already; seeing that costs a tenth of writing it anew. */
function hasOwnSuffix(longId: string): boolean {
  for (let block = 0; block < 3; block++) {
    if (SUFFIX_ALPHABET.charCodeAt(capitalsOf(longId, block)) !== longId.charCodeAt(15 + block)) {
      return false
    }
  }
  return true
}

function capitalsOf(id: string, block: number): number {
  let capitals = 0
  for (let place = 0; place < 5; place++) {
    const code = id.charCodeAt(block * 5 + place)
    if (code >= 0x41 && code <= 0x5a) capitals |= 1 << place
  }
  return capitals
}

function suffixOf(shortId: string): string {
  let suffix = ''
  for (let block = 0; block < 3; block++) {
    suffix += SUFFIX_ALPHABET.charAt(capitalsOf(shortId, block))
  }
  return suffix
}
