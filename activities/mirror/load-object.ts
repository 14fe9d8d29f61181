import { CsvFormError } from '../../bulk/scan-csv.ts'
import type { MirrorStep, MirrorWatermark } from '../../db/mirror-watermarks.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import { unavailable } from '../failures.ts'
import { idOf, toMirrorRow } from './mirror-row.ts'
import { allQuery, walkQuery } from './mirror-soql.ts'
import { commitStep, distinct, type Pull, queryAll } from './pull-context.ts'
import { readQueryCsv } from './read-query-csv.ts'

/** Pages of a REST query in one page of a Bulk query's results: few enough for memory, many enough to save calls. */
const BULK_PAGE_PAGES = 5
/** Rows that go into one statement. */
const STATEMENT_ROWS = 2_500
const FIRST_LOOK_MS = 1_000
const LONGEST_LOOK_MS = 30_000

/** How many rows the first load has, and by which way they come. */
export async function countObject(pull: Pull, mark: MirrorWatermark): Promise<void> {
  const { client, deps, signal } = pull
  let expectedRows = 0
  for await (const page of client.query(`SELECT COUNT() FROM ${mark.object}`, { signal })) {
    expectedRows = page.totalSize
  }
  const begun: MirrorStep = { expectedRows, loadedRows: 0, walkStartedAt: new Date() }
  if (expectedRows < deps.mirror.bulkFromRows) {
    await commitStep(pull, mark, 1, { ...begun, phase: 'walk', walkAfter: null })
    return
  }
  // A job whose id is lost with us is left to expire: it only reads.
  const job = await client.queries.create({ soql: allQuery(mark.object, mark.fields) }, signal)
  await commitStep(pull, mark, 2, {
    ...begun,
    ...{ phase: 'bulk', bulkJobId: job.id, bulkLocator: null },
  })
}

/** The next page of the Bulk query; gives the milliseconds until there is one. */
export async function loadInBulk(pull: Pull, mark: MirrorWatermark): Promise<number> {
  const { client, signal } = pull
  const { pageRows } = pull.deps.mirror
  const id = mark.bulkJobId ?? ''
  const isFirst = mark.bulkLocator === null
  const job = isFirst ? await jobOf(pull, id) : null
  if (isFirst && (job === null || job.state === 'Failed' || job.state === 'Aborted')) {
    pull.deps.logger.warn(
      { object: mark.object, salesforceJobId: id, why: job?.errorMessage ?? job?.state ?? 'gone' },
      'a bulk query came to nothing: rows are read in the order of their ids',
    )
    await commitStep(pull, mark, 1, { phase: 'walk', bulkJobId: null, walkAfter: null })
    return 0
  }
  if (job !== null && job.state !== 'JobComplete') {
    await commitStep(pull, mark, 1, {})
    const elapsed = Date.now() - (mark.walkStartedAt?.getTime() ?? 0)
    return Math.min(LONGEST_LOOK_MS, Math.max(FIRST_LOOK_MS, elapsed / 20))
  }
  const options = { locator: mark.bulkLocator, maxRecords: pageRows * BULK_PAGE_PAGES, signal }
  const page = await client.queries.results(id, options)
  const records = distinct(await readQueryCsv(page.stream).catch(cutOff))
  const rows = records.map((record) => toMirrorRow(mark.object, record))
  const isLast = page.locator === null
  const step: MirrorStep = {
    loadedRows: mark.loadedRows + rows.length,
    bulkLocator: page.locator,
    ...(isLast
      ? {
          ...{ ...loaded(mark), phase: 'pages' as const, bulkJobId: null },
          ...{ reconciledAt: mark.walkStartedAt, walkStartedAt: null },
        }
      : {}),
  }
  await commitStep(pull, mark, isFirst ? 2 : 1, step, async (write) => {
    let changed = 0
    const grace = pull.deps.mirror.overlapMs / 1_000
    for (let at = 0; at < rows.length; at += STATEMENT_ROWS) {
      const some = rows.slice(at, at + STATEMENT_ROWS)
      changed += await write.upsert(mark.object, pull.owner, some, grace)
    }
    return changed
  })
  return 0
}

/** Null for a job that Salesforce does not know any more. */
async function jobOf({ client, signal }: Pull, id: string) {
  try {
    return await client.queries.get(id, signal)
  } catch (error) {
    if (isSalesforceError(error) && error.kind === 'not_found') return null
    throw error
  }
}

function cutOff(error: unknown): never {
  if (error instanceof CsvFormError) throw unavailable(`Results broke off: ${error.message}`)
  throw error
}

/** The next rows in the order of their ids; what is not among them is gone. */
export async function walkObject(pull: Pull, mark: MirrorWatermark): Promise<void> {
  const { pageRows } = pull.deps.mirror
  const { object, walkAfter } = mark
  const startedAt = mark.walkStartedAt ?? new Date()
  const { records, calls } = await queryAll(
    pull,
    walkQuery(object, mark.fields, walkAfter, pageRows),
  )
  const ids = records.map(idOf)
  requireAscending(ids, walkAfter)
  const rows = records.map((record) => toMirrorRow(object, record))
  const isLast = records.length < pageRows
  const last = isLast ? null : (ids[ids.length - 1] ?? null)
  const isLoad = mark.firstLoadFinishedAt === null
  const step: MirrorStep = {
    walkStartedAt: startedAt,
    walkAfter: last,
    loadedRows: isLoad ? mark.loadedRows + rows.length : mark.loadedRows,
    ...(isLast
      ? {
          ...(isLoad ? { ...loaded(mark), phase: 'pages' as const } : { phase: 'done' as const }),
          ...{ walkStartedAt: null, reconciledAt: startedAt },
        }
      : {}),
  }
  await commitStep(pull, mark, calls, step, async (write) => {
    const changed = await write.upsert(object, pull.owner, rows, null)
    const stretch = { after: walkAfter, last }
    const gone = await write.markAbsent(object, pull.owner.connectionId, stretch, ids)
    return changed + gone
  })
}

function loaded(mark: MirrorWatermark): MirrorStep {
  return { firstLoadFinishedAt: mark.firstLoadFinishedAt ?? new Date() }
}

/** In another order than ours, rows that are there would be marked as deleted. */
function requireAscending(ids: readonly string[], after: string | null): void {
  let before = after
  for (const id of ids) {
    if (before !== null && id <= before) {
      throw new Error('Salesforce gave ids in an order that is not that of their characters.')
    }
    before = id
  }
}
