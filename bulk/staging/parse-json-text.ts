/**
 * Texts in which a number may not survive a double, or would be printed in another form than it was sent:
 * sixteen digits and more, an exponent, or very small. All others print as they came.
 */
const RISKY_NUMBER = /\d[\d.]{15}|\d[eE][+-]?\d|0\.00000/

/** What TypeScript's library does not know yet of a reviver: the text that a primitive was read from. */
type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown

/**
 * Parses JSON without losing digits: where the text holds a number that a double might round, numbers come
 * back as the text that was sent. Reading everything so would be several times slower.
 * @throws {SyntaxError} where the text is not JSON, {RangeError} where it is nested too deep.
 */
export function parseJsonText(text: string): unknown {
  if (!RISKY_NUMBER.test(text)) return JSON.parse(text)
  return parseWithSource(text, (_key, value, context) =>
    typeof value === 'number' ? (context.source ?? value) : value,
  )
}
