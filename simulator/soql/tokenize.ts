/** A piece of a SOQL statement. `text` of a string is its value, with its escapes resolved. */
export interface Token {
  readonly kind: 'word' | 'string' | 'literal' | 'symbol' | 'end'
  readonly text: string
  /** 0-based place in the statement. */
  readonly at: number
}

/** Thrown for a statement that cannot be run; the answer is 400 with this code. */
export class SoqlError extends Error {
  override name = 'SoqlError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function malformed(message: string): SoqlError {
  return new SoqlError('MALFORMED_QUERY', message)
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  f: '\f',
}

const PIECE =
  /\s+|(?<literal>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_][\w.]*(?::\d+)?)|(?<symbol><=|>=|!=|<>|[=<>(),])/y

/** Cuts a statement into tokens, an `end` at the end. Throws SoqlError. */
export function tokenize(soql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < soql.length) {
    if (soql[at] === "'") {
      const { value, next } = readString(soql, at)
      tokens.push({ kind: 'string', text: value, at })
      at = next
      continue
    }
    PIECE.lastIndex = at
    const match = PIECE.exec(soql)
    if (match === null) throw malformed(`unexpected token: '${soql[at]}'`)
    const { literal, word, symbol } = match.groups ?? {}
    if (literal !== undefined) tokens.push({ kind: 'literal', text: literal, at })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at })
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at })
    at += match[0].length
  }
  tokens.push({ kind: 'end', text: '<EOF>', at })
  return tokens
}

function readString(soql: string, start: number): { value: string; next: number } {
  let value = ''
  for (let at = start + 1; at < soql.length; at += 1) {
    const char = soql.charAt(at)
    if (char === "'") return { value, next: at + 1 }
    if (char !== '\\') {
      value += char
      continue
    }
    at += 1
    const escaped = soql.charAt(at)
    // In LIKE an escaped wildcard stays marked, so that it is not taken for one.
    if (escaped === '%' || escaped === '_') value += `\\${escaped}`
    else value += ESCAPES[escaped] ?? escaped
  }
  throw malformed('unterminated string literal')
}
