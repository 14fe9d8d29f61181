import type { Condition, Literal, Operator, Ordering, Statement } from './statement.ts'
import { malformed, type Token, tokenize } from './tokenize.ts'

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
}

/** Parses the part of SOQL that this org speaks. Throws SoqlError. */
export function parseSoql(soql: string): Statement {
  const tokens = tokenize(soql)
  let position = 0

  const peek = (ahead = 0): Token =>
    tokens[position + ahead] ?? { kind: 'end', text: '<EOF>', at: soql.length }
  const isWord = (word: string, ahead = 0): boolean =>
    peek(ahead).kind === 'word' && peek(ahead).text.toUpperCase() === word
  const isSymbol = (symbol: string): boolean => peek().kind === 'symbol' && peek().text === symbol

  function next(): Token {
    const token = peek()
    position += 1
    return token
  }
  function unexpected(): Error {
    return malformed(`unexpected token: '${peek().text}'`)
  }
  function takeWord(word: string): boolean {
    if (!isWord(word)) return false
    position += 1
    return true
  }
  function expectWord(word: string): void {
    if (!takeWord(word)) throw unexpected()
  }
  function takeSymbol(symbol: string): boolean {
    if (!isSymbol(symbol)) return false
    position += 1
    return true
  }
  function expectSymbol(symbol: string): void {
    if (!takeSymbol(symbol)) throw unexpected()
  }
  function name(): string {
    if (peek().kind !== 'word') throw unexpected()
    return next().text
  }

  function selectList(): readonly string[] | 'count' {
    if (isWord('COUNT') && peek(1).text === '(' && peek(2).text === ')') {
      position += 3
      return 'count'
    }
    const fields: string[] = []
    do {
      const field = name()
      if (isSymbol('(')) {
        const argument = field.toUpperCase() === 'FIELDS' ? tokens[position + 1]?.text : undefined
        if (argument === undefined) throw unexpected()
        position += 2
        expectSymbol(')')
        fields.push(`FIELDS(${argument.toUpperCase()})`)
      } else fields.push(field)
    } while (takeSymbol(','))
    return fields
  }

  function literal(): Literal {
    const token = next()
    if (token.kind === 'string') return { kind: 'string', value: token.text }
    if (token.kind === 'literal') return { kind: 'plain', value: token.text }
    if (token.kind === 'word') {
      const word = token.text.toUpperCase()
      if (word === 'NULL') return { kind: 'null' }
      if (word === 'TRUE' || word === 'FALSE') return { kind: 'boolean', value: word === 'TRUE' }
      return { kind: 'plain', value: word }
    }
    position -= 1
    throw unexpected()
  }

  function literals(): Literal[] {
    expectSymbol('(')
    const values = [literal()]
    while (takeSymbol(',')) values.push(literal())
    expectSymbol(')')
    return values
  }

  function comparison(): Condition {
    if (takeSymbol('(')) {
      const inner = condition()
      expectSymbol(')')
      return inner
    }
    const field = name()
    if (takeWord('LIKE')) return { kind: 'compare', field, operator: 'like', value: literal() }
    if (takeWord('IN')) return { kind: 'in', field, negated: false, values: literals() }
    if (isWord('NOT') && isWord('IN', 1)) {
      position += 2
      return { kind: 'in', field, negated: true, values: literals() }
    }
    const operator = peek().kind === 'symbol' ? OPERATORS[peek().text] : undefined
    if (operator === undefined) throw unexpected()
    position += 1
    return { kind: 'compare', field, operator, value: literal() }
  }

  function unary(): Condition {
    return takeWord('NOT') ? { kind: 'not', part: unary() } : comparison()
  }

  /** SOQL refuses AND and OR side by side without brackets. */
  function condition(): Condition {
    const first = unary()
    const joint = isWord('AND') ? 'AND' : isWord('OR') ? 'OR' : null
    if (joint === null) return first
    const parts = [first]
    while (takeWord(joint)) parts.push(unary())
    if (isWord('AND') || isWord('OR')) throw unexpected()
    return { kind: joint === 'AND' ? 'and' : 'or', parts }
  }

  function ordering(): Ordering {
    const field = name()
    const descending = takeWord('DESC')
    if (!descending) takeWord('ASC')
    let nullsLast = false
    if (takeWord('NULLS')) {
      nullsLast = takeWord('LAST')
      if (!nullsLast) expectWord('FIRST')
    }
    return { field, descending, nullsLast }
  }

  function wholeNumber(): number {
    const token = next()
    if (token.kind === 'literal' && /^\d+$/.test(token.text)) return Number(token.text)
    position -= 1
    throw unexpected()
  }

  expectWord('SELECT')
  const select = selectList()
  expectWord('FROM')
  const from = name()
  const where = takeWord('WHERE') ? condition() : null
  const orderBy: Ordering[] = []
  if (takeWord('ORDER')) {
    expectWord('BY')
    do orderBy.push(ordering())
    while (takeSymbol(','))
  }
  const limit = takeWord('LIMIT') ? wholeNumber() : null
  const offset = takeWord('OFFSET') ? wholeNumber() : 0
  if (peek().kind !== 'end') throw unexpected()
  return { select, from, where, orderBy, limit, offset }
}
