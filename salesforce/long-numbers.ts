// A JSON string, or a number outside of one. A string is matched first and whole, so that digits inside
// of it are never taken for a number.
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** A double keeps every decimal number of up to fifteen digits. */
const SAFE_DIGITS = 15

/** Puts the numbers of a JSON text that a double would round into quotes, as they were written. */
export function quoteLongNumbers(json: string): string {
  // Most answers have none, and the scan costs more than the parse.
  if (!/\d[\d.]{15}/.test(json)) return json
  return json.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || token.length <= SAFE_DIGITS) return token
    const digits = token
      .replace(/[eE].*$/, '')
      .replace(/\D/g, '')
      .replace(/^0+/, '')
    if (digits.length <= SAFE_DIGITS || String(Number(token)) === token) return token
    return `"${token}"`
  })
}
