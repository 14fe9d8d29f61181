import { malformed, type SoqlError } from './soql-error.ts'

export type TokenKind =
  | 'word'
  | 'string'
  | 'number'
  | 'date'
  | 'datetime'
  | 'time'
  | 'symbol'
  | 'end'

/** A piece of a SOQL statement. `text` of a string is its value, with its escapes resolved. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Of a string: its value as a LIKE pattern, with a backslash before each character that is no wildcard. */
  readonly pattern: string
  /** 0-based place in the statement. */
  readonly at: number
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
  _: '_',
  '%': '%',
}

const PIECE =
  /\s+|(?<datetime>\d{4}-\d{2}-\d{2}T[\d:.]+(?:[zZ]|[+-]\d{2}:?\d{2})?)|(?<date>\d{4}-\d{2}-\d{2})|(?<time>\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?[zZ]?)|(?<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)|(?<symbol><=|>=|!=|<>|[=<>(),.;*/+\-!?%&|{}[\]])/y

/** Cuts a statement into tokens, an `end` at the end. Throws SoqlError. */
export function tokenize(soql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < soql.length) {
    if (soql[at] === "'") {
      const { value, pattern, next } = readString(soql, at)
      tokens.push({ kind: 'string', text: value, pattern, at })
      at = next
      continue
    }
    PIECE.lastIndex = at
    const match = PIECE.exec(soql)
    if (match === null) throw unreadable(soql, at)
    for (const [kind, text] of Object.entries(match.groups ?? {})) {
      // The names of the groups are kinds of tokens.
      if (text !== undefined) tokens.push({ kind: kind as TokenKind, text, pattern: '', at })
    }
    at += match[0].length
  }
  tokens.push({ kind: 'end', text: '<EOF>', pattern: '', at })
  return tokens
}

/** Where the reader of characters gives up, in the words of the org's own. */
function unreadable(soql: string, at: number): SoqlError {
  if (soql[at] === ':') return malformed('Bind variables only allowed in Apex code', at)
  return malformed(
    `${lineAndColumn(soql, at)} no viable alternative at character '${soql[at]}'`,
    at,
  )
}

function lineAndColumn(soql: string, at: number): string {
  const before = soql.slice(0, at).split('\n')
  return `line ${before.length}:${before.at(-1)?.length ?? 0}`
}

function readString(soql: string, start: number): { value: string; pattern: string; next: number } {
  let value = ''
  let pattern = ''
  for (let at = start + 1; at < soql.length; at += 1) {
    const char = soql.charAt(at)
    if (char === "'") return { value, pattern, next: at + 1 }
    if (char !== '\\') {
      value += char
      pattern += char
      continue
    }
    at += 1
    const letter = soql.charAt(at)
    const code = /^u[0-9a-fA-F]{4}/.exec(soql.slice(at, at + 5))?.[0]
    const escaped =
      code === undefined ? ESCAPES[letter] : String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (escaped === undefined) {
      if (at >= soql.length) break
      throw malformed(`Illegal character sequence '\\${letter}' in string literal`, at - 1)
    }
    if (code !== undefined) at += 4
    value += escaped
    pattern += `\\${escaped}`
  }
  throw malformed(`${lineAndColumn(soql, soql.length)} mismatched character '<EOF>' expecting '''`)
}
