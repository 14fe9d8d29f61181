import { malformed, SoqlError } from './soql-error.ts'
import { type Token, tokenize } from './tokenize.ts'

/** Steps through the tokens of a statement. */
export interface TokenReader {
  peek(ahead?: number): Token
  next(): Token
  isWord(word: string, ahead?: number): boolean
  isSymbol(symbol: string, ahead?: number): boolean
  /** Steps over the token if it is this one. */
  takeWord(word: string): boolean
  takeSymbol(symbol: string): boolean
  /** Throws SoqlError when the next token is another one. */
  expectWord(word: string): void
  expectSymbol(symbol: string): void
  name(): Token
  unexpected(): SoqlError
  /** Runs `work` one level deeper: brackets in brackets without end would exhaust the stack. */
  nested<T>(work: () => T): T
}

const DEEPEST = 100

export function createTokenReader(soql: string): TokenReader {
  const tokens = tokenize(soql)
  let position = 0
  let depth = 0

  const peek = (ahead = 0): Token =>
    tokens[position + ahead] ?? { kind: 'end', text: '<EOF>', pattern: '', at: soql.length }
  const isWord = (word: string, ahead = 0): boolean =>
    peek(ahead).kind === 'word' && peek(ahead).text.toUpperCase() === word
  const isSymbol = (symbol: string, ahead = 0): boolean =>
    peek(ahead).kind === 'symbol' && peek(ahead).text === symbol
  const unexpected = (): SoqlError => malformed(`unexpected token: '${peek().text}'`, peek().at)

  function next(): Token {
    const token = peek()
    position += 1
    return token
  }
  function take(found: boolean): boolean {
    if (found) position += 1
    return found
  }

  return {
    peek,
    next,
    isWord,
    isSymbol,
    unexpected,
    takeWord: (word) => take(isWord(word)),
    takeSymbol: (symbol) => take(isSymbol(symbol)),
    expectWord(word) {
      if (!take(isWord(word))) throw unexpected()
    },
    expectSymbol(symbol) {
      if (!take(isSymbol(symbol))) throw unexpected()
    },
    name() {
      if (peek().kind !== 'word' || peek().text.includes(':')) throw unexpected()
      return next()
    },
    nested(work) {
      depth += 1
      if (depth > DEEPEST) {
        throw new SoqlError('QUERY_TOO_COMPLICATED', 'Query is too complicated')
      }
      const result = work()
      depth -= 1
      return result
    },
  }
}
