import { nearestName } from '../../bulk/nearest-name.ts'
import type { ObjectDescribe } from '../../contracts/metadata.ts'
import type { CachedDescribe } from '../../db/describe-cache.ts'
import {
  checkStatement,
  defaultFields,
  type QueryForm,
  type SelectedColumn,
  unknownObject,
} from '../../soql/check-statement.ts'
import { parseWhereClause } from '../../soql/parse-condition.ts'
import { parseField } from '../../soql/parse-field.ts'
import { parseStatement } from '../../soql/parse-statement.ts'
import { renderStatement } from '../../soql/render-statement.ts'
import type { Schema } from '../../soql/schema.ts'
import { inSource, SoqlError } from '../../soql/soql-error.ts'
import type { FieldPath, Statement } from '../../soql/statement.ts'
import { LONGEST_TEXT } from '../../soql/tokenize.ts'
import { ApiError } from '../errors.ts'
import type { DescribeLookup } from '../staging/describe-lookup.ts'

/** A query goes by GET: longer addresses are refused on the way to Salesforce (414, 431). */
const LONGEST_ENCODED = 15_000
/** Parents reach five levels away; each may lead to others that are not known yet. */
const MOST_ROUNDS = 8
/** Objects whose describes one query may need: each may be a call to Salesforce. */
const MOST_OBJECTS = 30

export interface QueryParts {
  readonly object: string
  /** Absent: what is shown of records where nobody says more. */
  readonly fields: readonly string[] | null
  readonly where: string | null
  readonly orderBy: readonly {
    readonly field: string
    readonly direction: 'asc' | 'desc'
    readonly nulls?: 'first' | 'last' | undefined
  }[]
  readonly limit: number | null
  readonly offset: number | null
}

export interface PlannedQuery {
  readonly object: string
  /** Written from the checked tree: nothing in it is the caller's text. */
  readonly soql: string
  readonly columns: readonly SelectedColumn[]
}

interface Subject {
  readonly workspaceId: string
  readonly connectionId: string
}

export type QueryPlanner = ReturnType<typeof createQueryPlanner>

/** Makes SOQL of what callers ask, held against what is known of the org. @throws {ApiError} */
export function createQueryPlanner(describes: DescribeLookup) {
  async function plan(
    subject: Subject,
    read: () => Statement,
    form: QueryForm,
    isText: boolean,
  ): Promise<PlannedQuery> {
    const known = new Map<string, CachedDescribe>()
    const schema: Schema = {
      describeOf: (object) => {
        const entry = known.get(object.toLowerCase())
        return entry === undefined ? undefined : entry.describe
      },
      nearestName,
    }
    try {
      const statement = read()
      await lookUp(subject, [statement.object], known)
      const object = schema.describeOf(statement.object)
      if (!object) throw unknownObject(statement.object).in(isText ? 'soql' : 'object')
      const whole = withFields(statement, object)
      try {
        return await check(subject, whole, schema, known, form, isText)
      } catch (error) {
        if (!(error instanceof SoqlError) || error.code !== 'query_unknown_field') throw error
        // A field may be newer than what is known of its object.
        if (!(await refreshAll(subject, known))) throw error
        return await check(subject, whole, schema, known, form, isText)
      }
    } catch (error) {
      throw error instanceof SoqlError ? queryError(error) : error
    }
  }

  async function check(
    subject: Subject,
    statement: Statement,
    schema: Schema,
    known: Map<string, CachedDescribe>,
    form: QueryForm,
    isText: boolean,
  ): Promise<PlannedQuery> {
    const sources = isText
      ? ({ fields: 'soql', where: 'soql', orderBy: 'soql', object: 'soql' } as const)
      : ({
          fields: 'fields',
          where: 'where_clause',
          orderBy: 'order_by',
          object: 'object',
        } as const)
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const checked = checkStatement(statement, schema, form, sources)
      if (checked.kind === 'needs') {
        await lookUp(subject, checked.objects, known)
        continue
      }
      const soql = renderStatement(checked.statement)
      requireLength(soql, form)
      return { object: checked.statement.object, soql, columns: checked.columns }
    }
    throw new SoqlError('query_too_complex', 'The query goes through too many objects.')
  }

  async function lookUp(
    subject: Subject,
    objects: readonly string[],
    known: Map<string, CachedDescribe>,
  ): Promise<void> {
    if (known.size + objects.length > MOST_OBJECTS) {
      const message = `A query goes through ${MOST_OBJECTS} objects at most.`
      throw new SoqlError('query_too_complex', message)
    }
    await Promise.all(
      objects.map(async (objectType) => {
        const asked = { ...subject, objectType }
        let entry = await describes.find(asked)
        if (entry !== null && entry.describe === null) entry = await describes.refresh(asked, entry)
        if (entry === null) {
          const message = `The fields of ${objectType} are not known yet, since Salesforce has not answered. Try again soon.`
          throw new ApiError('salesforce_unavailable', message, { headers: { 'retry-after': '5' } })
        }
        known.set(objectType.toLowerCase(), entry)
      }),
    )
  }

  /** False where nothing is newer than before. */
  async function refreshAll(
    subject: Subject,
    known: Map<string, CachedDescribe>,
  ): Promise<boolean> {
    let isNewer = false
    await Promise.all(
      [...known].map(async ([objectType, entry]) => {
        const name = entry.describe?.name ?? objectType
        const refreshed = await describes.refresh({ ...subject, objectType: name }, entry)
        if (refreshed !== entry) isNewer = true
        known.set(objectType, refreshed)
      }),
    )
    return isNewer
  }

  return {
    ofParts: (subject: Subject, parts: QueryParts, form: QueryForm): Promise<PlannedQuery> =>
      plan(subject, () => statementOf(parts), form, false),

    ofText: (subject: Subject, soql: string): Promise<PlannedQuery> =>
      plan(subject, () => parseStatement(soql), 'bulk', true),
  }
}

/** An empty list stands for what is shown where nobody says more. */
function withFields(statement: Statement, object: ObjectDescribe): Statement {
  return statement.fields.length > 0 ? statement : { ...statement, fields: defaultFields(object) }
}

function statementOf(parts: QueryParts): Statement {
  const { object, where, limit, offset } = parts
  return inSource('object', () => {
    if (!/^[A-Za-z]\w{0,99}$/.test(object)) throw unknownObject(object.slice(0, 100))
    return {
      ...{ object, limit, offset },
      fields: (parts.fields ?? []).map((text): FieldPath => parseField(text, 'fields')),
      where: where === null ? null : parseWhereClause(where),
      orderBy: parts.orderBy.map(({ field, direction, nulls }) => ({
        field: parseField(field, 'order_by'),
        descending: direction === 'desc',
        nulls: nulls ?? null,
      })),
    }
  })
}

function requireLength(soql: string, form: QueryForm): void {
  if (form === 'bulk' && soql.length <= LONGEST_TEXT) return
  if (form === 'rest' && encodeURIComponent(soql).length <= LONGEST_ENCODED) return
  const message =
    form === 'bulk'
      ? `The query has ${soql.length} characters; Salesforce takes ${LONGEST_TEXT}.`
      : 'The query is too long to be sent this way. Use POST /v1/queries for it.'
  throw new SoqlError('query_too_long', message)
}

function queryError(error: SoqlError): ApiError {
  const where = [
    error.source === null ? '' : ` (${error.source}`,
    error.source === null || error.position === null ? '' : `, character ${error.position}`,
    error.source === null ? '' : ')',
  ].join('')
  return new ApiError(error.code, `${error.message}${where}`, { query: error, cause: error })
}
