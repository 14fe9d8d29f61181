/** As in ECMAScript's "JSON.parse source text access", which Node 24 has and its type declarations lack. */
interface ExactJson {
  rawJSON(text: string): unknown
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
}

// The same object, by the declaration above.
const exact = JSON as unknown as ExactJson

/** Parses JSON; a number that a double would change is kept as it was written. */
export function parseExactJson(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? exact.rawJSON(source)
      : value,
  )
}

/** JSON of what {@link parseExactJson} gave: numbers come out as they went in. */
export function stringifyExactJson(value: unknown): string {
  return JSON.stringify(value)
}
