import { openQueryPart } from '../../bulk/query-blobs.ts'
import { createCsvScanner, type ScannedRecord } from '../../bulk/scan-csv.ts'
import type { BulkQuery } from '../../db/bulk-queries.ts'
import {
  createBulkQueryPartQueries,
  type QueryPartPlace,
  queryPartContext,
} from '../../db/bulk-query-parts.ts'
import type { ApiDependencies } from '../dependencies.ts'

/** Each about a megabyte of text. */
const PARTS_AT_ONCE = 2

export const QUERY_RESULT_TYPES = ['text/csv', 'application/x-ndjson'] as const
export type QueryResultType = (typeof QUERY_RESULT_TYPES)[number]

interface Column {
  readonly name: string
  readonly type: string
}

/**
 * The records of a query as text, a few parts in memory at a time. Parts go by their place, each look a query of its
 * own: a slow reader holds no snapshot of the database.
 * @throws where parts are missing: they were removed while they were read.
 */
export async function* queryText(
  deps: Pick<ApiDependencies, 'database' | 'sealing'>,
  query: BulkQuery,
  columns: readonly Column[],
  type: QueryResultType,
): AsyncGenerator<Uint8Array> {
  if (type === 'text/csv') {
    yield Buffer.from(`${columns.map(({ name }) => `"${name}"`).join(',')}\n`)
    for await (const { bytes } of partsOf(deps, query)) yield bytes
    return
  }
  let lines: string[] = []
  let records = 0
  const scanner = createCsvScanner((record) => {
    records += 1
    lines.push(jsonLine(record, columns))
  })
  for await (const { bytes } of partsOf(deps, query)) {
    scanner.push(bytes)
    if (lines.length > 0) yield Buffer.from(lines.join(''))
    lines = []
  }
  scanner.finish()
  if (lines.length > 0) yield Buffer.from(lines.join(''))
  if (records !== query.records) {
    throw new Error(`Query ${query.queryId} has ${query.records} records; ${records} were read.`)
  }
}

async function* partsOf(
  deps: Pick<ApiDependencies, 'database' | 'sealing'>,
  { queryId, workspaceId, pages }: BulkQuery,
): AsyncGenerator<{ readonly bytes: Buffer }> {
  const parts = createBulkQueryPartQueries(deps.database.workspace(workspaceId))
  let after: QueryPartPlace | null = null
  for (;;) {
    const found = await parts.listAfter(queryId, after, pages, PARTS_AT_ONCE)
    for (const part of found) {
      const context = queryPartContext(queryId, part.pageNumber, part.partNumber)
      yield { bytes: openQueryPart(deps.sealing.open(context, part.body)) }
      after = part
    }
    if (found.length < PARTS_AT_ONCE) break
  }
}

/** JSON's own form of a number. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A record as Salesforce types it. Numbers pass digit by digit: none is rounded on the way. */
function jsonLine(record: ScannedRecord, columns: readonly Column[]): string {
  const members = columns.map(
    ({ name, type }, place) => `${JSON.stringify(name)}:${jsonValue(record.text(place), type)}`,
  )
  return `{${members.join(',')}}\n`
}

function jsonValue(text: string, type: string): string {
  if (text === '') return 'null'
  switch (type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? text : JSON.stringify(text)
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return NUMBER.test(text) ? text : JSON.stringify(text)
    default:
      return JSON.stringify(text)
  }
}
