import { noSubquery, parseLiteral } from './literal.ts'
import { parseFieldName } from './parse-field.ts'
import { inSource, SoqlError } from './soql-error.ts'
import {
  type ComparisonOperator,
  type Condition,
  DATE_FUNCTIONS,
  type DateFunction,
  type Literal,
  type Operand,
} from './statement.ts'
import { createTokenReader, type TokenReader } from './token-reader.ts'

/** Salesforce calls more "too complicated", sooner or later by how hard each is. */
const MOST_COMPARISONS = 1_000

const OPERATORS: Readonly<Record<string, ComparisonOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
}

/** What stands after WHERE, alone. Null for a blank text. @throws {SoqlError} */
export function parseWhereClause(text: string): Condition | null {
  return inSource('where_clause', () => {
    const reader = createTokenReader(text)
    if (reader.peek().kind === 'end') return null
    const condition = parseCondition(reader)
    refuseClause(reader)
    reader.expectEnd('AND, OR or the end')
    return condition
  })
}

/** Names what is known to SOQL and has no place in a condition. */
function refuseClause(reader: TokenReader): void {
  const { kind, text, at } = reader.peek()
  const word = text.toUpperCase()
  if (kind !== 'word' || !OTHER_CLAUSES.has(word)) return
  const message = `${word} is no part of a condition: fields, order and limits have parameters of their own.`
  throw new SoqlError('query_not_supported', message, { position: at })
}

const OTHER_CLAUSES: ReadonlySet<string> = new Set([
  ...['SELECT', 'FROM', 'WHERE', 'ORDER', 'LIMIT', 'OFFSET', 'GROUP', 'HAVING', 'FOR', 'ALL'],
  ...['USING', 'WITH', 'UNION', 'UPDATE', 'INSERT', 'DELETE', 'TYPEOF'],
])

/** Reads as much as is one condition. @throws {SoqlError} */
export function parseCondition(reader: TokenReader): Condition {
  let comparisons = 0

  function comparison(): Condition {
    if (reader.isSymbol('(')) {
      if (reader.isWord('SELECT', 1)) throw noSubquery(reader.peek().at)
      reader.next()
      const inner = reader.nested(condition)
      reader.expectSymbol(')')
      return inner
    }
    comparisons += 1
    if (comparisons > MOST_COMPARISONS) {
      const message = `A condition has ${MOST_COMPARISONS} comparisons at most. IN takes many values at once.`
      throw new SoqlError('query_too_complex', message, { position: reader.peek().at })
    }
    const left = parseOperand(reader)
    if (reader.takeWord('LIKE')) return { kind: 'like', left, value: parseLiteral(reader) }
    if (reader.takeWord('INCLUDES')) {
      return { kind: 'includes', left, negated: false, values: literals(reader) }
    }
    if (reader.takeWord('EXCLUDES')) {
      return { kind: 'includes', left, negated: true, values: literals(reader) }
    }
    if (reader.isWord('NOT') && reader.isWord('LIKE', 1)) {
      const message = 'SOQL has no NOT LIKE. Write (NOT Name LIKE …) instead.'
      throw new SoqlError('query_syntax', message, { position: reader.peek().at })
    }
    const negated = reader.isWord('NOT') && reader.isWord('IN', 1)
    if (negated) reader.next()
    if (reader.takeWord('IN')) return { kind: 'in', left, negated, values: literals(reader) }
    const { kind, text } = reader.peek()
    const operator = kind === 'symbol' ? OPERATORS[text] : undefined
    if (operator === undefined) throw reader.unexpected('an operator')
    reader.next()
    return { kind: 'compare', left, operator, value: parseLiteral(reader) }
  }

  function unary(): Condition {
    if (!reader.takeWord('NOT')) return comparison()
    return { kind: 'not', part: reader.nested(unary) }
  }

  /** AND and OR side by side are refused, as Salesforce does: who reads it could not tell what is meant. */
  function condition(): Condition {
    const first = unary()
    const joint = reader.isWord('AND') ? 'AND' : reader.isWord('OR') ? 'OR' : null
    if (joint === null) return first
    const parts = [first]
    while (reader.takeWord(joint)) parts.push(unary())
    if (reader.isWord('AND') || reader.isWord('OR')) {
      const message = 'AND and OR stand side by side. Put brackets around what belongs together.'
      throw new SoqlError('query_syntax', message, { position: reader.peek().at, expected: '(' })
    }
    return { kind: joint === 'AND' ? 'and' : 'or', parts }
  }

  return condition()
}

function literals(reader: TokenReader): Literal[] {
  if (reader.isSymbol('(') && reader.isWord('SELECT', 1)) throw noSubquery(reader.peek().at)
  reader.expectSymbol('(')
  const values = [parseLiteral(reader)]
  while (reader.takeSymbol(',')) values.push(parseLiteral(reader))
  reader.expectSymbol(')')
  return values
}

function parseOperand(reader: TokenReader): Operand {
  if (!reader.isSymbol('(', 1)) return { ...parseFieldName(reader), call: null }
  const { text, at } = reader.peek()
  const call = DATE_FUNCTIONS.find((name): name is DateFunction => name === text.toUpperCase())
  if (call === undefined) {
    const message = `The function ${text} is not taken here. Taken: ${DATE_FUNCTIONS.join(', ')}.`
    throw new SoqlError('query_not_supported', message, { position: at })
  }
  reader.next()
  reader.expectSymbol('(')
  if (reader.isSymbol('(', 1)) {
    const message = 'Functions inside functions are not taken here.'
    throw new SoqlError('query_not_supported', message, { position: reader.peek().at })
  }
  const field = parseFieldName(reader)
  reader.expectSymbol(')')
  return { ...field, call }
}
