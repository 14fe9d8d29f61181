const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const ID_15 = /^[0-9A-Za-z]{15}$/
const ID_18 = /^[0-9A-Za-z]{15}[A-Za-z0-5]{3}$/

/**
 * The 18-character form of a 15- or 18-character record id. The last three characters say which of the
 * first fifteen are capitals, so the case of an 18-character id that went through a case-blind system is
 * put right by them.
 * @throws RangeError where the text is no id.
 */
export function toId18(id: string): string {
  const canonical = canonicalId(id)
  if (canonical === null) throw new RangeError('Not a Salesforce record id of 15 or 18 characters.')
  return canonical
}

/** True for 15 letters and digits, and for 18 whose last three fit the rest. */
export function isSalesforceId(text: string): boolean {
  return canonicalId(text) !== null
}

function canonicalId(id: string): string | null {
  if (ID_15.test(id)) return id + suffixOf(id)
  if (!ID_18.test(id)) return null
  const suffix = id.slice(15).toUpperCase()
  const restored = withCaseOf(id.slice(0, 15), suffix)
  // A digit where the suffix wants a capital: a mistyped id.
  return suffixOf(restored) === suffix ? restored + suffix : null
}

/** One character for each five, its bits (lowest first) marking the capitals. */
function suffixOf(id15: string): string {
  let suffix = ''
  for (let block = 0; block < 3; block += 1) {
    let bits = 0
    for (let position = 0; position < 5; position += 1) {
      const character = id15.charAt(block * 5 + position)
      if (character >= 'A' && character <= 'Z') bits |= 1 << position
    }
    suffix += SUFFIX.charAt(bits)
  }
  return suffix
}

function withCaseOf(id15: string, suffix: string): string {
  let restored = ''
  for (let index = 0; index < 15; index += 1) {
    const bits = SUFFIX.indexOf(suffix.charAt(Math.floor(index / 5)))
    const capital = (bits >> (index % 5)) & 1
    const character = id15.charAt(index)
    restored += capital ? character.toUpperCase() : character.toLowerCase()
  }
  return restored
}
