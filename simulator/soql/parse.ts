import { parseCondition } from './parse-condition.ts'
import { parseExpression, parseField } from './parse-expression.ts'
import { malformed } from './soql-error.ts'
import type {
  FieldReference,
  FromItem,
  GroupBy,
  Ordering,
  SelectItem,
  Statement,
  TypeBranch,
} from './statement.ts'
import { createTokenReader, type TokenReader } from './token-reader.ts'

/** Longest statement, in characters. */
const LONGEST = 100_000

/** Words that end a FROM item, and so are no aliases there. */
const CLAUSES =
  /^(USING|WHERE|WITH|GROUP|HAVING|ORDER|LIMIT|OFFSET|FOR|UPDATE|ALL|FROM|AND|OR|NOT|NULLS|ASC|DESC)$/i

/** Parses a SOQL statement. Throws SoqlError. */
export function parseSoql(soql: string): Statement {
  if (soql.length > LONGEST) {
    throw malformed('SOQL statements cannot be longer than 100,000 characters.')
  }
  const reader = createTokenReader(soql)
  const statement = parseStatement(reader)
  if (reader.peek().kind !== 'end') throw reader.unexpected()
  return statement
}

function parseStatement(reader: TokenReader): Statement {
  const subselect = (): Statement => parseStatement(reader)
  reader.expectWord('SELECT')
  const select = commaList(reader, () => parseSelectItem(reader))
  reader.expectWord('FROM')
  const from = parseFrom(reader)
  const joined: FromItem[] = []
  while (reader.takeSymbol(',')) joined.push(parseFrom(reader))
  const scope = parseScope(reader)
  const where = reader.takeWord('WHERE') ? parseCondition(reader, subselect) : null
  if (reader.takeWord('WITH')) parseWith(reader)
  const groupBy = parseGroupBy(reader)
  const having =
    groupBy !== null && reader.takeWord('HAVING') ? parseCondition(reader, subselect) : null
  const orderBy = parseOrderBy(reader)
  const limit = reader.takeWord('LIMIT') ? wholeNumber(reader) : null
  const offset = reader.takeWord('OFFSET') ? wholeNumber(reader) : null
  let forUpdate = false
  let isView = false
  while (reader.takeWord('FOR')) {
    if (reader.takeWord('UPDATE')) forUpdate = true
    else {
      if (!reader.takeWord('VIEW')) reader.expectWord('REFERENCE')
      isView = true
    }
  }
  if (reader.takeWord('UPDATE') && !reader.takeWord('TRACKING')) reader.expectWord('VIEWSTAT')
  const allRows = reader.isWord('ALL') && reader.isWord('ROWS', 1)
  if (allRows) {
    reader.next()
    reader.next()
  }
  return {
    select,
    from,
    joined,
    scope,
    where,
    groupBy,
    having,
    orderBy,
    limit,
    offset,
    allRows,
    forUpdate,
    isView,
  }
}

function commaList<T>(reader: TokenReader, item: () => T): T[] {
  const items = [item()]
  while (reader.takeSymbol(',')) items.push(item())
  return items
}

function parseSelectItem(reader: TokenReader): SelectItem {
  const { at } = reader.peek()
  if (reader.takeSymbol('(')) {
    const statement = reader.nested(() => parseStatement(reader))
    reader.expectSymbol(')')
    return { kind: 'children', statement, at }
  }
  if (reader.isWord('TYPEOF') && reader.isWord('WHEN', 2)) return parseTypeof(reader)
  if (reader.isWord('FIELDS') && reader.isSymbol('(', 1)) return parseFields(reader)
  if (reader.isWord('FROM')) throw reader.unexpected()
  const expression = parseExpression(reader)
  const named = reader.peek().kind === 'word' && !reader.isWord('FROM')
  return { kind: 'expression', expression, alias: named ? reader.name().text : null, at }
}

function parseFields(reader: TokenReader): SelectItem {
  const { at } = reader.next()
  reader.expectSymbol('(')
  const group = reader.name().text.toUpperCase()
  if (group !== 'ALL' && group !== 'STANDARD' && group !== 'CUSTOM') {
    throw malformed(`unexpected token: '${group}'`, at)
  }
  reader.expectSymbol(')')
  return { kind: 'fields', group, at }
}

function parseTypeof(reader: TokenReader): SelectItem {
  const { at } = reader.next()
  const relationship = reader.name().text
  const branches: TypeBranch[] = []
  const fields = (): FieldReference[] => commaList(reader, () => parseField(reader))
  while (reader.takeWord('WHEN')) {
    const object = reader.name()
    reader.expectWord('THEN')
    branches.push({ object: object.text, fields: fields(), at: object.at })
  }
  const otherwise = reader.takeWord('ELSE') ? fields() : []
  reader.expectWord('END')
  return { kind: 'typeof', relationship, branches, otherwise, at }
}

function parseFrom(reader: TokenReader): FromItem {
  const { text, at } = reader.name()
  // `AS` is accepted before an alias, as a real org does.
  const as = reader.takeWord('AS')
  const named = as || (reader.peek().kind === 'word' && !CLAUSES.test(reader.peek().text))
  return { name: text, alias: named ? reader.name().text : null, at }
}

function parseScope(reader: TokenReader): Statement['scope'] {
  if (!reader.takeWord('USING')) return null
  reader.expectWord('SCOPE')
  const { text, at } = reader.name()
  return { name: text, at }
}

/** What a caller may see is not modelled: these clauses change nothing. */
function parseWith(reader: TokenReader): void {
  const known = ['SECURITY_ENFORCED', 'USER_MODE', 'SYSTEM_MODE']
  if (!known.some((word) => reader.takeWord(word))) throw reader.unexpected()
}

function parseGroupBy(reader: TokenReader): GroupBy | null {
  if (!reader.takeWord('GROUP')) return null
  reader.expectWord('BY')
  const form = reader.isWord('ROLLUP') ? 'rollup' : reader.isWord('CUBE') ? 'cube' : 'plain'
  const expressions = () => commaList(reader, () => parseExpression(reader))
  if (form === 'plain' || !reader.isSymbol('(', 1)) {
    return { form: 'plain', expressions: expressions() }
  }
  const { at } = reader.next()
  reader.expectSymbol('(')
  const grouped = expressions()
  reader.expectSymbol(')')
  if (grouped.length > 3) {
    throw malformed(`${form.toUpperCase()} can not have more than 3 fields`, at)
  }
  return { form, expressions: grouped }
}

function parseOrderBy(reader: TokenReader): Ordering[] {
  if (!reader.takeWord('ORDER')) return []
  reader.expectWord('BY')
  return commaList(reader, () => {
    const expression = parseExpression(reader)
    const descending = reader.takeWord('DESC')
    if (!descending) reader.takeWord('ASC')
    if (!reader.takeWord('NULLS')) return { expression, descending, nullsLast: false }
    const nullsLast = reader.takeWord('LAST')
    if (!nullsLast) reader.expectWord('FIRST')
    return { expression, descending, nullsLast }
  })
}

function wholeNumber(reader: TokenReader): number {
  const token = reader.peek()
  if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw reader.unexpected()
  reader.next()
  // SQLite takes no wider number here; no org has as many records.
  return Math.min(Number(token.text), 2 ** 31 - 1)
}
