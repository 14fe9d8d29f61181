/** A value of a JSON text, by where it stands there: what was sent can be quoted digit by digit. */
export type JsonNode =
  | {
      readonly kind: 'object'
      readonly start: number
      readonly end: number
      readonly members: readonly JsonMember[]
    }
  | {
      readonly kind: 'array'
      readonly start: number
      readonly end: number
      readonly items: readonly JsonNode[]
    }
  | { readonly kind: 'string' | 'number' | 'literal'; readonly start: number; readonly end: number }

export interface JsonMember {
  /** Decoded. */
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly value: JsonNode
}

/** Deeper text is not read: whoever walks the tree goes down by recursion. */
export const MOST_JSON_DEPTH = 100
/** A tree takes many times the memory of its text. */
const MOST_NODES = 200_000

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Text that is no JSON, or too deep or too much of it. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError'
}

/** The tree of a JSON text, in time that grows with its length. @throws {JsonTextError} */
export function readJsonTokens(text: string): JsonNode {
  let at = 0
  let nodes = 0

  function fail(): never {
    throw new JsonTextError(`The text is not JSON at character ${at}.`)
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      at += 1
    }
  }

  function take(character: string): boolean {
    if (text[at] !== character) return false
    at += 1
    return true
  }

  function match(form: RegExp): void {
    form.lastIndex = at
    if (!form.test(text)) fail()
    at = form.lastIndex
  }

  function string(): { readonly start: number; readonly end: number } {
    const start = at
    at += 1
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) break
      // Past the end it is NaN, which is no control character.
      if (code < 0x20 || at >= text.length) fail()
      if (code === 0x5c) match(ESCAPE)
      else at += 1
    }
    at += 1
    return { start, end: at }
  }

  function members(depth: number): JsonMember[] {
    const found: JsonMember[] = []
    skipSpace()
    if (take('}')) return found
    for (;;) {
      skipSpace()
      if (text[at] !== '"') fail()
      const { start, end } = string()
      skipSpace()
      if (!take(':')) fail()
      const key = decodeString(text, { start, end })
      found.push({ key, keyStart: start, keyEnd: end, value: value(depth) })
      if (take('}')) return found
      if (!take(',')) fail()
    }
  }

  function items(depth: number): JsonNode[] {
    const found: JsonNode[] = []
    skipSpace()
    if (take(']')) return found
    for (;;) {
      found.push(value(depth))
      if (take(']')) return found
      if (!take(',')) fail()
    }
  }

  function bare(): JsonNode {
    const start = at
    switch (text[at]) {
      case '"':
        return { kind: 'string', ...string() }
      case 't':
      case 'f':
      case 'n':
        match(LITERAL)
        return { kind: 'literal', start, end: at }
      default:
        match(NUMBER)
        return { kind: 'number', start, end: at }
    }
  }

  function object(depth: number): JsonNode | null {
    const start = at
    if (!take('{')) return null
    const found = members(depth + 1)
    return { kind: 'object', start, end: at, members: found }
  }

  function array(depth: number): JsonNode | null {
    const start = at
    if (!take('[')) return null
    const found = items(depth + 1)
    return { kind: 'array', start, end: at, items: found }
  }

  function value(depth: number): JsonNode {
    nodes += 1
    if (nodes > MOST_NODES) throw new JsonTextError(`The JSON has over ${MOST_NODES} values.`)
    skipSpace()
    if ((text[at] === '{' || text[at] === '[') && depth === MOST_JSON_DEPTH) {
      throw new JsonTextError(`The JSON is nested deeper than ${MOST_JSON_DEPTH} levels.`)
    }
    const node = object(depth) ?? array(depth) ?? bare()
    skipSpace()
    return node
  }

  const root = value(0)
  if (at < text.length) fail()
  return root
}

/** What a string token says. */
export function decodeString(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  const token = text.slice(start, end)
  // The token was read by the grammar already.
  return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
}
