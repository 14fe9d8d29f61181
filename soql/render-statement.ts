import type { Condition, FieldPath, Literal, Operand, Ordering, Statement } from './statement.ts'

/** The SOQL of a tree. Every character of it comes from here, from a checked name or from an escaped literal. */
export function renderStatement(statement: Statement): string {
  const { fields, object, where, orderBy, limit, offset } = statement
  return [
    `SELECT ${fields.map(renderField).join(', ')} FROM ${name(object)}`,
    where === null ? '' : ` WHERE ${renderCondition(where)}`,
    orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.map(renderOrdering).join(', ')}`,
    limit === null ? '' : ` LIMIT ${whole(limit)}`,
    offset === null || offset === 0 ? '' : ` OFFSET ${whole(offset)}`,
  ].join('')
}

export function renderCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.map(inBrackets).join(condition.kind === 'and' ? ' AND ' : ' OR ')
    case 'not':
      return `NOT (${renderCondition(condition.part)})`
    case 'compare':
      return `${renderOperand(condition.left)} ${condition.operator} ${renderLiteral(condition.value)}`
    case 'like':
      return `${renderOperand(condition.left)} LIKE ${renderPattern(condition.value)}`
    case 'in':
      return `${renderOperand(condition.left)} ${condition.negated ? 'NOT IN' : 'IN'} ${renderList(condition.values)}`
    case 'includes':
      return `${renderOperand(condition.left)} ${condition.negated ? 'EXCLUDES' : 'INCLUDES'} ${renderList(condition.values)}`
  }
}

export function renderField({ path }: FieldPath): string {
  return path.map(name).join('.')
}

function renderOperand(operand: Operand): string {
  const field = renderField(operand)
  return operand.call === null ? field : `${operand.call}(${field})`
}

function renderOrdering({ field, descending, nulls }: Ordering): string {
  const direction = descending ? 'DESC' : 'ASC'
  const last = nulls === null ? '' : ` NULLS ${nulls === 'first' ? 'FIRST' : 'LAST'}`
  return `${renderField(field)} ${direction}${last}`
}

/** Brackets around all that is not a comparison: nothing is left to how AND, OR and NOT bind. */
function inBrackets(part: Condition): string {
  const text = renderCondition(part)
  return part.kind === 'and' || part.kind === 'or' || part.kind === 'not' ? `(${text})` : text
}

function renderList(values: readonly Literal[]): string {
  return `(${values.map(renderLiteral).join(', ')})`
}

function renderLiteral(literal: Literal): string {
  switch (literal.kind) {
    case 'string':
      return `'${escaped(literal.value)}'`
    case 'number':
      return plain(literal.text, /^-?\d+(\.\d+)?$/)
    case 'boolean':
      return literal.value ? 'TRUE' : 'FALSE'
    case 'null':
      return 'NULL'
    case 'date':
    case 'datetime':
    case 'time':
      return plain(literal.text, /^[\d:.TZ-]+$/)
    case 'period': {
      const period = plain(literal.name, /^[A-Z\d_]+$/)
      return literal.count === null ? period : `${period}:${whole(literal.count)}`
    }
  }
}

/** In a pattern `%` and `_` are wild, and themselves behind a backslash. */
function renderPattern(literal: Literal): string {
  if (literal.kind !== 'string') return renderLiteral(literal)
  const text = literal.pattern.replaceAll(/\\([\s\S])|([^\\]+)/g, (_, char, rest) => {
    if (char === undefined) return escaped(rest)
    return char === '%' || char === '_' ? `\\${char}` : escaped(char)
  })
  return `'${text}'`
}

const ESCAPED: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** Control characters, and the line ends that only Unicode knows, leave as their numbers. */
function escaped(value: string): string {
  return value.replaceAll(
    /['\\\p{Cc}\u2028\u2029]/gu,
    (char) => ESCAPED[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Names come from describes or from the grammar; this is what holds if either is wrong one day. */
function name(text: string): string {
  return plain(text, /^[A-Za-z]\w*$/)
}

function whole(value: number): string {
  return plain(String(value), /^\d+$/)
}

function plain(text: string, form: RegExp): string {
  if (!form.test(text)) throw new Error('A part of a query has a form that is never sent.')
  return text
}
