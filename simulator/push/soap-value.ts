import type { FieldDefinition, FieldValue } from '../schema/field.ts'

/** Text as XML holds it. What XML 1.0 has no way to write becomes U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // A parser would make a line feed of it.
      .replaceAll('\r', '&#xD;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD')
  )
}

/** A field's value in its XML Schema type, escaped; `null` for none. */
export function soapValue(field: FieldDefinition, value: FieldValue): string | null {
  if (value === null || value === '') return null
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return field.type === 'int' ? String(value) : javaDouble(value)
  return escapeXml(value)
}

/** `xsd:double` as Java writes it: `10000.0`, and `1.0E7` from ten millions on. */
export function javaDouble(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e')
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}
