import { parseCondition } from './parse-condition.ts'
import { parseFieldName } from './parse-field.ts'
import { inSource, SoqlError } from './soql-error.ts'
import type { FieldPath, Ordering, Statement } from './statement.ts'
import { createTokenReader, type TokenReader } from './token-reader.ts'

/** Clauses of SOQL that are not run here, and why or what instead. */
const REFUSED: Readonly<Record<string, string>> = {
  USING: 'USING SCOPE is not taken here.',
  WITH: 'WITH is not taken here: the integration user’s access decides.',
  GROUP: 'GROUP BY is not taken here: records are read, not added up.',
  HAVING: 'HAVING is not taken here: records are read, not added up.',
  FOR: 'FOR UPDATE, FOR VIEW and FOR REFERENCE are not taken here: queries only read.',
  ALL: 'ALL ROWS is not taken here: ask for deleted records with include_deleted.',
  UPDATE: 'UPDATE TRACKING and UPDATE VIEWSTAT are not taken here: queries only read.',
}

/** `SELECT fields FROM object WHERE … ORDER BY … LIMIT … OFFSET …`. @throws {SoqlError} */
export function parseStatement(text: string): Statement {
  return inSource('soql', () => {
    const reader = createTokenReader(text)
    reader.expectWord('SELECT')
    const fields = [selected(reader)]
    while (reader.takeSymbol(',')) fields.push(selected(reader))
    reader.expectWord('FROM')
    const object = objectName(reader)
    refuse(reader)
    const where = reader.takeWord('WHERE') ? parseCondition(reader) : null
    refuse(reader)
    const orderBy: Ordering[] = []
    if (reader.takeWord('ORDER')) {
      reader.expectWord('BY')
      do orderBy.push(parseOrdering(reader))
      while (reader.takeSymbol(','))
    }
    refuse(reader)
    const limit = reader.takeWord('LIMIT') ? count(reader) : null
    const offset = reader.takeWord('OFFSET') ? count(reader) : null
    refuse(reader)
    reader.expectEnd('the next clause or the end')
    return { object, fields, where, orderBy, limit, offset }
  })
}

/** A field, ASC or DESC, NULLS FIRST or NULLS LAST. */
export function parseOrdering(reader: TokenReader): Ordering {
  if (reader.peek().kind === 'word' && reader.isSymbol('(', 1)) {
    const message = `Records are ordered by fields; ${reader.peek().text}() is not taken here.`
    throw new SoqlError('query_not_supported', message, { position: reader.peek().at })
  }
  const field = parseFieldName(reader)
  const descending = reader.takeWord('DESC')
  if (!descending) reader.takeWord('ASC')
  if (!reader.takeWord('NULLS')) return { field, descending, nulls: null }
  if (reader.takeWord('FIRST')) return { field, descending, nulls: 'first' }
  reader.expectWord('LAST')
  return { field, descending, nulls: 'last' }
}

function selected(reader: TokenReader): FieldPath {
  const { kind, text, at } = reader.peek()
  if (reader.isSymbol('(')) {
    const message = 'Subqueries are not taken here: query the child object by its lookup instead.'
    throw new SoqlError('query_not_supported', message, { position: at })
  }
  if (reader.isWord('TYPEOF')) {
    const message = 'TYPEOF is not taken here. Select Owner.Name, What.Type and the like.'
    throw new SoqlError('query_not_supported', message, { position: at })
  }
  if (kind === 'word' && reader.isSymbol('(', 1)) {
    const message = `${text}() cannot be selected here: name each field by itself.`
    throw new SoqlError('query_not_supported', message, { position: at })
  }
  return parseFieldName(reader)
}

function objectName(reader: TokenReader): string {
  const { kind, text, at } = reader.peek()
  if (kind !== 'word' || text.includes(':')) throw reader.unexpected('an object')
  if (text.includes('.') || text.length > 100) {
    throw new SoqlError('query_syntax', 'FROM takes the name of one object.', { position: at })
  }
  reader.next()
  const after = reader.peek()
  const isAlias = after.kind === 'word' && !CLAUSES.has(after.text.toUpperCase())
  if (isAlias || reader.isSymbol(',')) {
    const message = 'Other names for objects are not taken here: write fields without one.'
    throw new SoqlError('query_not_supported', message, { position: after.at })
  }
  return text
}

const CLAUSES: ReadonlySet<string> = new Set([
  'WHERE',
  'ORDER',
  'LIMIT',
  'OFFSET',
  ...Object.keys(REFUSED),
])

function refuse(reader: TokenReader): void {
  const { kind, text, at } = reader.peek()
  const message = kind === 'word' ? REFUSED[text.toUpperCase()] : undefined
  if (message !== undefined) throw new SoqlError('query_not_supported', message, { position: at })
}

function count(reader: TokenReader): number {
  const { kind, text, at } = reader.peek()
  if (kind !== 'number' || !/^\d{1,9}$/.test(text)) {
    throw new SoqlError('query_syntax', 'A whole number without a sign is expected.', {
      ...{ position: at, expected: 'a number' },
    })
  }
  reader.next()
  return Number(text)
}
