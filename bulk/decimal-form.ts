const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * A decimal number in one spelling: no plus sign, no needless zeros, no exponent, rounded half away from zero to
 * `scale` places. Works on the digits, so that numbers beyond double precision stay exact.
 * Null where `value` is no plain decimal number.
 */
export function canonicalDecimal(value: string, scale: number): string | null {
  const match = DECIMAL.exec(value)
  if (match === null) return null
  const whole = match[2] ?? ''
  const fraction = match[3] ?? ''
  if (whole === '' && fraction === '') return null
  const exponent = Number(match[4] ?? '0')

  let digits = whole + fraction
  let places = fraction.length - exponent
  if (places < 0) {
    digits += '0'.repeat(-places)
    places = 0
  }
  if (places > scale) {
    const kept = digits.length - (places - scale)
    const roundUp = kept >= 0 && (digits[kept] ?? '0') >= '5'
    const head = kept > 0 ? digits.slice(0, kept) : '0'
    digits = roundUp ? (BigInt(head) + 1n).toString().padStart(head.length, '0') : head
    places = scale
  }
  digits = digits.padStart(places + 1, '0')
  const integer = digits.slice(0, digits.length - places).replace(/^0+(?=\d)/, '')
  const decimals = places === 0 ? '' : digits.slice(digits.length - places).replace(/0+$/, '')
  const magnitude = decimals === '' ? integer : `${integer}.${decimals}`
  return match[1] === '-' && magnitude !== '0' ? `-${magnitude}` : magnitude
}
