import { Hono } from 'hono'
import { precedingRange } from '../../analytics/calendar.ts'
import { compareReports } from '../../analytics/reports/compare-reports.ts'
import { missingObject, type Report, type ReportFacts } from '../../analytics/reports/report.ts'
import { REPORTS } from '../../analytics/reports/reports.ts'
import { allUnknown } from '../../analytics/rollup/figure-tree.ts'
import { STALE_DAYS } from '../../analytics/rollup/row-figures.ts'
import { snakeNames } from '../../analytics/rollup/snake-names.ts'
import type { DayRange } from '../../contracts/analytics.ts'
import type { DateRange } from '../../contracts/analytics-rollup.ts'
import { daysOfRange } from '../../contracts/enhanced-analytics.ts'
import { ReportQuerySchema } from '../../contracts/http/analytics.ts'
import { type AnalyticsView, createAnalyticsViewQueries } from '../../db/analytics-view.ts'
import { readReportRows } from '../analytics/read-report-rows.ts'
import { requireConnectionOfId, requireConnectionOfUser } from '../connections/find-connection.ts'
import type { ApiContext, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { readQuery } from '../http/read-query.ts'

/** `/v1/analytics/…`: reports that are made of rows of the mirror. */
export function createAnalyticsRoutes() {
  const routes = new Hono<ApiEnv>()
  for (const [name, report] of Object.entries(REPORTS)) {
    routes.get(`/v1/analytics/${name}`, (c) => answer(c, name, report))
  }
  return routes
}

interface Asked {
  readonly connectionId: string
  readonly range: DayRange
  readonly ownerId: string | null
}

async function answer(c: ApiContext, name: string, report: Report) {
  const query = readQuery(c.req.raw, ReportQuerySchema)
  const connection =
    query.connection_id === undefined
      ? await requireConnectionOfUser(c, null)
      : await requireConnectionOfId(c, query.connection_id)
  const { connectionId } = connection
  if (query.compare === 'previous' && !report.isOfRange) {
    throw new ApiError(
      'invalid_request',
      `The report ${name} is not of a period alone, so compare has nothing to hold it against.`,
    )
  }
  const views = createAnalyticsViewQueries(c.var.database)
  const view = await views.get(connectionId, '30d')
  const range = rangeOf(query, view.day)
  const asked: Asked = { connectionId, range, ownerId: query.owner_id ?? null }
  const figures = await make(c, report, view, asked, query.after_days ?? STALE_DAYS)
  const before = query.compare === 'previous' ? precedingRange(range) : null
  const previous =
    before === null
      ? null
      : await make(c, report, view, { ...asked, range: before }, query.after_days ?? STALE_DAYS)
  return c.json({
    report: name,
    connection_id: connectionId,
    period: { from: range.from, to: range.to },
    owner_id: asked.ownerId,
    time_zone: view.timeZone,
    as_of: asOfText(report, view),
    figures: snakeNames(figures),
    compared:
      before === null || previous === null
        ? null
        : { period: before, figures: snakeNames(compareReports(figures, previous)) },
  })
}

async function make(
  c: ApiContext,
  report: Report,
  view: AnalyticsView,
  asked: Asked,
  staleDays: number,
): Promise<object> {
  const rows = await readReportRows(c.var.database, report, view, asked)
  const owners = [...new Set(rows.opportunities.map((deal) => deal.ownerId))]
  const views = createAnalyticsViewQueries(c.var.database)
  const facts: ReportFacts = {
    ...{ day: view.day, range: asked.range, rates: view.rates, staleDays },
    ownerNames: owners.length === 0 ? new Map() : await views.userNames(asked.connectionId, owners),
  }
  const figures = report.make(rows, facts)
  const missing = missingObject(report, view.pulled)
  return missing === null ? figures : allUnknown(figures, missing)
}

/** What the oldest of its objects is as of; null where one was not pulled. */
function asOfText({ objects }: Pick<Report, 'objects'>, view: AnalyticsView): string | null {
  const times = objects.map((object) => view.pulled[object].asOf)
  const [first = null] = times.sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1))
  return first
}

/** @throws {ApiError} `invalid_request` */
function rangeOf(
  {
    period,
    from,
    to,
  }: { period?: DateRange | undefined; from?: string | undefined; to?: string | undefined },
  day: string,
): DayRange {
  if (from === undefined && to === undefined) return daysOfRange(period ?? '90d', day)
  if (period !== undefined) {
    throw new ApiError('invalid_request', 'Give either period, or from and to.')
  }
  if (from === undefined || to === undefined || from > to) {
    throw new ApiError('invalid_request', 'from and to belong together, and from is not after to.')
  }
  return { from, to }
}
