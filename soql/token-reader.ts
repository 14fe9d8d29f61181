import { SoqlError } from './soql-error.ts'
import { type Token, tokenize } from './tokenize.ts'

/** Brackets and NOTs inside each other: more is no query of a person, and would exhaust the stack. */
const DEEPEST = 50

export type TokenReader = ReturnType<typeof createTokenReader>

/** Reads the tokens of a text one after the other. Words are compared without regard to case. */
export function createTokenReader(text: string) {
  const tokens = tokenize(text)
  let place = 0
  let depth = 0

  const peek = (distance = 0): Token => {
    const token = tokens[Math.min(place + distance, tokens.length - 1)]
    if (token === undefined) throw new Error('A text without an end.')
    return token
  }
  const next = (): Token => {
    const token = peek()
    place += 1
    return token
  }
  const isWord = (word: string, distance = 0): boolean => {
    const token = peek(distance)
    return token.kind === 'word' && token.text.toUpperCase() === word
  }
  const isSymbol = (symbol: string, distance = 0): boolean => {
    const token = peek(distance)
    return token.kind === 'symbol' && token.text === symbol
  }
  const take = (is: boolean): boolean => {
    if (is) place += 1
    return is
  }

  function unexpected(expected: string): SoqlError {
    const { kind, text: found, at } = peek()
    // Never a literal: it may be somebody's name.
    const what =
      kind === 'end'
        ? 'The text ends'
        : kind === 'word' || kind === 'symbol'
          ? `${found} stands`
          : `A ${kind} stands`
    const message = `${what} where ${expected} is expected.`
    return new SoqlError('query_syntax', message, { position: at, expected })
  }

  return {
    peek,
    next,
    isWord,
    isSymbol,
    takeWord: (word: string): boolean => take(isWord(word)),
    takeSymbol: (symbol: string): boolean => take(isSymbol(symbol)),
    expectSymbol(symbol: string): void {
      if (!take(isSymbol(symbol))) throw unexpected(symbol)
    },
    expectWord(word: string): void {
      if (!take(isWord(word))) throw unexpected(word)
    },
    expectEnd(expected: string): void {
      if (peek().kind !== 'end') throw unexpected(expected)
    },
    unexpected,
    /** @throws {SoqlError} `query_too_complex` where it is nested too deep. */
    nested<T>(read: () => T): T {
      depth += 1
      if (depth > DEEPEST) {
        const message = `Brackets and NOT are nested deeper than ${DEEPEST}.`
        throw new SoqlError('query_too_complex', message, { position: peek().at })
      }
      const done = read()
      depth -= 1
      return done
    },
  }
}
