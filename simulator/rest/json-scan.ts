/** Deeper than any call of the API; beyond it whatever walks through a body would run out of stack. */
const DEEPEST = 1_000

/** Whether a text that is JSON is nested deeper than a body may be. */
export function isTooDeep(text: string): boolean {
  // Most bodies are shorter than that.
  if (text.length <= DEEPEST) return false
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (isQuoted) {
      if (character === '\\') at += 1
      else if (character === '"') isQuoted = false
    } else if (character === '"') isQuoted = true
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > DEEPEST) return true
    } else if (character === '}' || character === ']') depth -= 1
  }
  return false
}

/** A place in a text, counted from 1 as Salesforce counts. */
export interface JsonPosition {
  readonly line: number
  readonly column: number
}

/** Names and indices that lead to a value. */
export type JsonPath = readonly (string | number)[]

class ScanFault extends Error {
  override name = 'ScanFault'
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** What is wrong with a text that is no JSON, and where, in the words of Salesforce's parser. */
export function jsonFault(text: string): { message: string; position: JsonPosition } {
  try {
    scan(text, () => {})
  } catch (error) {
    if (!(error instanceof ScanFault)) throw error
    // That parser names the place behind the character that it could not use.
    const { line, column } = positionAt(text, error.at)
    return { message: error.message, position: { line, column: column + 1 } }
  }
  throw new Error('the text is JSON')
}

/** Where the value of a path begins in a text that is JSON. */
export function positionOf(text: string, path: JsonPath): JsonPosition {
  let found = 0
  scan(text, (at, here) => {
    if (here.length === path.length && here.every((step, n) => step === path[n])) found = at
  })
  return positionAt(text, found)
}

function positionAt(text: string, at: number): JsonPosition {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

const VALUE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in texts.
const TEXT_PART = /[^"\\\u0000-\u001f]{1,1000}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Walks through a text and tells where each value begins. Throws ScanFault where it is no JSON. */
function scan(text: string, value: (at: number, path: JsonPath) => void): void {
  let at = 0

  function blank(): void {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1
  }

  function refuse(expected: string): never {
    if (at >= text.length) throw new ScanFault('Unexpected end-of-input', at)
    const character = text.charAt(at)
    throw new ScanFault(
      `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expected}`,
      at,
    )
  }

  function literal(pattern: RegExp): string | null {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) return null
    at += found.length
    return found
  }

  /** Part by part: one pattern for the whole of a long text would run out of stack. */
  function quoted(): string | null {
    const from = at
    if (text.charAt(at) !== '"') return null
    at += 1
    while (literal(TEXT_PART) !== null);
    if (text.charAt(at) === '"') {
      at += 1
      return text.slice(from, at)
    }
    at = from
    return null
  }

  function any(path: JsonPath): void {
    blank()
    value(at, path)
    const character = text.charAt(at)
    if (path.length >= DEEPEST && (character === '{' || character === '[')) {
      throw new ScanFault('Unexpected depth of nesting', at)
    }
    if (character === '{') list('}', 'OBJECT', () => member(path))
    else if (character === '[') {
      let index = 0
      list(']', 'ARRAY', () => {
        any([...path, index])
        index += 1
      })
    } else if ((character === '"' ? quoted() : literal(VALUE)) === null) {
      refuse("expected a valid value (number, String, array, object, 'true', 'false' or 'null')")
    }
  }

  function member(path: JsonPath): void {
    const name = quoted()
    if (name === null) refuse('was expecting double-quote to start field name')
    blank()
    if (text.charAt(at) !== ':') refuse('was expecting a colon to separate field name and value')
    at += 1
    any([...path, String(JSON.parse(name))])
  }

  function list(end: string, kind: string, entry: () => void): void {
    at += 1
    blank()
    if (text.charAt(at) === end) {
      at += 1
      return
    }
    for (;;) {
      blank()
      entry()
      blank()
      const character = text.charAt(at)
      if (character !== ',' && character !== end) {
        refuse(`was expecting comma to separate ${kind} entries`)
      }
      at += 1
      if (character === end) return
    }
  }

  any([])
  blank()
  if (at < text.length) refuse('expected the end of the document')
}
