import { parseExpression } from './parse-expression.ts'
import { isPeriodName } from './period.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { Condition, Literal, Operator, Statement } from './statement.ts'
import type { TokenReader } from './token-reader.ts'

/** Longest text that a condition compares with. */
const LONGEST_TEXT = 4_000
/** Most comparisons of one WHERE: the time that SQLite takes to plan them grows with their square. */
const MOST_COMPARISONS = 4_000

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
}

/** Parses what stands after WHERE or HAVING. `subselect` parses a statement up to its closing bracket. */
export function parseCondition(reader: TokenReader, subselect: () => Statement): Condition {
  let comparisons = 0

  function comparison(): Condition {
    if (reader.takeSymbol('(')) {
      const inner = reader.nested(condition)
      reader.expectSymbol(')')
      return inner
    }
    comparisons += 1
    if (comparisons > MOST_COMPARISONS) {
      throw new SoqlError('QUERY_TOO_COMPLICATED', 'Query is too complicated')
    }
    const left = parseExpression(reader)
    if (reader.takeWord('LIKE')) return { kind: 'like', left, value: parseLiteral(reader) }
    if (reader.takeWord('INCLUDES')) {
      return { kind: 'includes', left, negated: false, values: literals() }
    }
    if (reader.takeWord('EXCLUDES')) {
      return { kind: 'includes', left, negated: true, values: literals() }
    }
    const negated = reader.isWord('NOT') && reader.isWord('IN', 1)
    if (negated) reader.next()
    if (reader.takeWord('IN')) {
      if (!reader.isSymbol('(') || !reader.isWord('SELECT', 1)) {
        return { kind: 'in', left, negated, values: literals() }
      }
      reader.next()
      const { at } = reader.peek()
      const statement = reader.nested(subselect)
      reader.expectSymbol(')')
      return { kind: 'semijoin', left, negated, statement, at }
    }
    const operator = reader.peek().kind === 'symbol' ? OPERATORS[reader.peek().text] : undefined
    if (operator === undefined) throw reader.unexpected()
    reader.next()
    return { kind: 'compare', left, operator, value: parseLiteral(reader) }
  }

  function literals(): Literal[] {
    reader.expectSymbol('(')
    const values = [parseLiteral(reader)]
    while (reader.takeSymbol(',')) values.push(parseLiteral(reader))
    reader.expectSymbol(')')
    return values
  }

  function unary(): Condition {
    if (!reader.takeWord('NOT')) return comparison()
    return { kind: 'not', part: reader.nested(unary) }
  }

  /** SOQL refuses AND and OR side by side without brackets. */
  function condition(): Condition {
    const first = unary()
    const joint = reader.isWord('AND') ? 'AND' : reader.isWord('OR') ? 'OR' : null
    if (joint === null) return first
    const parts = [first]
    while (reader.takeWord(joint)) parts.push(unary())
    if (reader.isWord('AND') || reader.isWord('OR')) throw reader.unexpected()
    return { kind: joint === 'AND' ? 'and' : 'or', parts }
  }

  return condition()
}

function parseLiteral(reader: TokenReader): Literal {
  const { kind, text, pattern, at } = reader.peek()
  switch (kind) {
    case 'string':
      if (text.length > LONGEST_TEXT) {
        throw malformed(`Strings in WHERE clauses can not exceed 4,000 characters`, at)
      }
      reader.next()
      return { kind, value: text, pattern, at }
    case 'number':
      reader.next()
      return { kind, value: Number(text), at }
    case 'date':
    case 'datetime':
    case 'time':
      reader.next()
      return { kind, value: text, at }
    case 'word': {
      const word = parseWord(text, at)
      if (word === null) throw reader.unexpected()
      reader.next()
      return word
    }
    case 'symbol':
    case 'end':
      throw reader.unexpected()
  }
}

function parseWord(text: string, at: number): Literal | null {
  const [name = '', count] = text.toUpperCase().split(':')
  if (count === undefined) {
    if (name === 'NULL') return { kind: 'null', at }
    if (name === 'TRUE' || name === 'FALSE') return { kind: 'boolean', value: name === 'TRUE', at }
  }
  if (isPeriodName(name, count !== undefined)) {
    return { kind: 'period', name, count: count === undefined ? null : Number(count), at }
  }
  if (/^[A-Z]{3}\d+(\.\d+)?$/.test(name)) {
    throw new SoqlError(
      'INVALID_FIELD',
      'Currency literals need an organization with multiple currencies',
      at,
    )
  }
  if (count !== undefined) throw malformed('Bind variables only allowed in Apex code', at)
  return null
}
