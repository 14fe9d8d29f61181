import type { Report, ReportRows } from '../../analytics/reports/report.ts'
import type { DayRange } from '../../contracts/analytics.ts'
import { createAnalyticsRowQueries } from '../../db/analytics-rows.ts'
import type { AnalyticsView } from '../../db/analytics-view.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { ApiError } from '../errors.ts'

/** Rows that one request may hold. */
const MOST_ROWS = 100_000

/** The rows that a report of a range is made of. @throws {ApiError} `too_many_rows` */
export async function readReportRows(
  database: WorkspaceDatabase,
  { needs }: Report,
  view: Pick<AnalyticsView, 'timeZone'>,
  asked: {
    readonly connectionId: string
    readonly range: DayRange
    readonly ownerId: string | null
  },
): Promise<ReportRows> {
  const { connectionId, range, ownerId } = asked
  return database.transaction(async (transaction) => {
    const read = createAnalyticsRowQueries(transaction)
    const selection = {
      ...{ connectionId, ownerId, timeZone: view.timeZone, since: range.from },
      limit: MOST_ROWS + 1,
    }
    const bounded = <T>(rows: readonly T[]): readonly T[] => {
      if (rows.length <= MOST_ROWS) return rows
      const message = `More than ${MOST_ROWS} rows belong to this. Ask for a shorter period, or for one owner.`
      throw new ApiError('too_many_rows', message)
    }
    const wants = (name: keyof ReportRows) => needs.includes(name)
    return {
      opportunities: wants('opportunities') ? bounded(await read.opportunities(selection)) : [],
      history: wants('history') ? bounded(await read.history(selection)) : [],
      leads: wants('leads') ? bounded(await read.leads(selection)) : [],
      accounts: wants('accounts') ? bounded(await read.accounts(selection)) : [],
      stages: wants('stages') ? await read.stages(connectionId) : [],
      snapshots: wants('snapshots') ? await snapshots() : null,
    }

    /** The first and the last one of the range, where they are two. */
    async function snapshots(): Promise<ReportRows['snapshots']> {
      const days = await read.snapshotDays(connectionId, range.from ?? '', range.to ?? '')
      const from = days[0]
      const to = days.at(-1)
      if (from === undefined || to === undefined || from === to) return null
      const most = MOST_ROWS + 1
      const start = bounded(await read.snapshot(connectionId, from, ownerId, most))
      const end = bounded(await read.snapshotWithClosed(connectionId, { from, to }, ownerId, most))
      return { from, to, start, end }
    }
  })
}
