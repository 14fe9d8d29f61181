import { SoqlError } from './soql-error.ts'

export type TokenKind =
  | 'word'
  | 'string'
  | 'number'
  | 'date'
  | 'datetime'
  | 'time'
  | 'symbol'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; of a string its value, with its escapes resolved. */
  readonly text: string
  /** Of a string: its value as a LIKE pattern, see {@link Literal}. */
  readonly pattern: string
  /** 0-based place in the text. */
  readonly at: number
}

/** Salesforce takes no longer statement. */
export const LONGEST_TEXT = 100_000

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' },
  ...{ N: '\n', R: '\r', T: '\t', B: '\b', F: '\f' },
  ...{ '"': '"', "'": "'", '\\': '\\', _: '_', '%': '%' },
}

// Each branch begins with another kind of character or is told apart by fixed places: no text makes it slow.
const PIECE =
  /[ \t\r\n]+|(?<datetime>\d{4}-\d\d-\d\dT[\d:.]+(?:[zZ]|[+-]\d\d:?\d\d)?)|(?<date>\d{4}-\d\d-\d\d)|(?<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?[zZ]?)|(?<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))|(?<word>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*(?::\d+)?)|(?<symbol><=|>=|!=|<>|[=<>(),])/y

/** Cuts text into tokens, an `end` last. @throws {SoqlError} */
export function tokenize(text: string): Token[] {
  if (text.length > LONGEST_TEXT) {
    throw new SoqlError(
      'query_too_long',
      `The text has ${text.length} characters; Salesforce takes ${LONGEST_TEXT}.`,
    )
  }
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === "'") {
      const { next, ...read } = readString(text, at)
      tokens.push({ kind: 'string', at, ...read })
      at = next
      continue
    }
    PIECE.lastIndex = at
    const match = PIECE.exec(text)
    if (match === null) throw unreadable(text, at)
    for (const [kind, found] of Object.entries(match.groups ?? {})) {
      // The names of the groups are kinds of tokens.
      if (found !== undefined)
        tokens.push({ kind: kind as TokenKind, text: found, pattern: '', at })
    }
    at += match[0].length
  }
  tokens.push({ kind: 'end', text: '', pattern: '', at })
  return tokens
}

function unreadable(text: string, at: number): SoqlError {
  const rest = text.slice(at, at + 2)
  if (rest === '--' || rest === '/*' || rest === '//') {
    return new SoqlError('query_not_supported', 'SOQL has no comments.', { position: at })
  }
  if (rest.startsWith(':')) {
    const message = 'Bind variables exist in Apex alone. Write the value itself.'
    return new SoqlError('query_not_supported', message, { position: at })
  }
  if (rest.startsWith('"')) {
    const message = 'Text stands in single quotes.'
    return new SoqlError('query_syntax', message, { position: at, expected: "'" })
  }
  if (/^[\d.+-]/.test(rest)) {
    const message =
      'This is no number, date or time. Numbers have no exponent; currencies have no code.'
    return new SoqlError('query_syntax', message, { position: at })
  }
  const code = text.codePointAt(at) ?? 0
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return new SoqlError('query_syntax', `The character ${name} has no place outside of quotes.`, {
    position: at,
  })
}

function readString(text: string, start: number): { text: string; pattern: string; next: number } {
  let value = ''
  let pattern = ''
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === "'") {
      requireSendable(value, start)
      return { text: value, pattern, next: at + 1 }
    }
    if (char !== '\\') {
      value += char
      pattern += char
      continue
    }
    const code = /^u[\da-fA-F]{4}/.exec(text.slice(at + 1, at + 6))?.[0]
    const letter = text.charAt(at + 1)
    const meant =
      code === undefined ? ESCAPES[letter] : String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (meant === undefined) {
      const message = `There is no escape \\${/[ -~]/.test(letter) ? letter : ''}. Write \\\\ for a backslash.`
      throw new SoqlError('query_syntax', message, { position: at })
    }
    at += code === undefined ? 1 : 5
    value += meant
    pattern += meant === '%' || meant === '_' || meant === '\\' ? `\\${meant}` : meant
  }
  const message = 'The quote that begins here is not closed.'
  throw new SoqlError('query_syntax', message, { position: start, expected: "'" })
}

/** What UTF-8 cannot hold would be sent as something else. */
function requireSendable(value: string, at: number): void {
  if (value.isWellFormed() && !value.includes('\0')) return
  const message = 'The text holds half a character or a NUL.'
  throw new SoqlError('query_syntax', message, { position: at })
}
