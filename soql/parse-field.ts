import { inSource, SoqlError } from './soql-error.ts'
import type { FieldPath } from './statement.ts'
import { createTokenReader, type TokenReader } from './token-reader.ts'

/** Parents that a path may go through (SOQL and SOSL Reference, "Relationship Query Limitations"). */
const MOST_PARENTS = 5
/** A custom name with its namespace is shorter; Postgres and logs are spared the rest. */
const LONGEST_NAME = 100

/** Words that no field has as its name, so that a clause is never taken for one. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'IN', 'LIKE', 'INCLUDES', 'EXCLUDES', 'NULL', 'TRUE', 'FALSE'],
  ...['SELECT', 'FROM', 'WHERE', 'HAVING', 'USING', 'TYPEOF'],
])

/** The field that stands next. @throws {SoqlError} */
export function parseFieldName(reader: TokenReader): FieldPath {
  const { kind, text, at } = reader.peek()
  if (kind !== 'word' || text.includes(':') || RESERVED.has(text.toUpperCase())) {
    throw reader.unexpected('a field')
  }
  reader.next()
  const path = text.split('.')
  if (path.length > MOST_PARENTS + 1) {
    const message = `The path ${text.slice(0, LONGEST_NAME)} goes through more than ${MOST_PARENTS} parents.`
    throw new SoqlError('query_not_supported', message, { position: at })
  }
  if (path.some((name) => name.length > LONGEST_NAME)) {
    throw new SoqlError('query_unknown_field', 'No field has a name as long as this.', {
      position: at,
    })
  }
  return { path, at }
}

/** A field that stands alone in a list. @throws {SoqlError} */
export function parseField(text: string, source: 'fields' | 'order_by'): FieldPath {
  return inSource(source, () => {
    const reader = createTokenReader(text)
    if (reader.peek().kind === 'word' && reader.isSymbol('(', 1)) {
      const message = `${reader.peek().text}() cannot be selected here: name each field by itself.`
      throw new SoqlError('query_not_supported', message)
    }
    const { path } = parseFieldName(reader)
    reader.expectEnd('a field and nothing else')
    return { path, at: null }
  })
}
