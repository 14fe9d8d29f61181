import type { AnalyticsType, DateRange } from '../contracts/analytics-rollup.ts'
import { daysOfRange, type EnhancedInput, enhancedSums } from '../contracts/enhanced-analytics.ts'
import { createAnalyticsBucketQueries } from './analytics-buckets.ts'
import { createAnalyticsViewQueries } from './analytics-view.ts'
import { createRealtimeAnalyticsQueries } from './realtime-analytics.ts'
import type { WorkspaceDatabase } from './workspace-database.ts'

/** Months that trends look at. */
const TREND_MONTHS = 36

/** What an answer is made of, and the revision of the results that it is kept under. */
export interface EnhancedRead {
  readonly input: EnhancedInput
  readonly resultsRevision: number | null
}

/** Reads it in one transaction, from rollups alone. */
export async function readEnhancedInput(
  database: WorkspaceDatabase,
  asked: { readonly connectionId: string; readonly type: AnalyticsType; readonly range: DateRange },
): Promise<EnhancedRead> {
  const { connectionId, type, range } = asked
  return database.transaction(async (transaction) => {
    const views = createAnalyticsViewQueries(transaction)
    const view = await views.get(connectionId, range)
    const { day } = view
    const wanted = enhancedSums(type, daysOfRange(range, day), monthsBefore(day))
    const sums = await createAnalyticsBucketQueries(transaction).sums(connectionId, wanted)
    const owners = (sums.openByOwner ?? []).map(({ group }) => group ?? '')
    const input: EnhancedInput = {
      ...{ type, range, day, sums },
      timeZone: view.timeZone,
      generatedAt: new Date().toISOString(),
      asOf: view.asOf?.toISOString() ?? null,
      pulled: view.pulled,
      isRolledUp: view.resultsRevision !== null,
      rates: view.rates,
      stageOrder: view.stageOrder,
      ownerNames: owners.length === 0 ? new Map() : await views.userNames(connectionId, owners),
      rowFigures: view.rowFigures,
      lastDay:
        type === 'comprehensive' ? await createRealtimeAnalyticsQueries(transaction).lastDay() : [],
    }
    return { input, resultsRevision: view.resultsRevision }
  })
}

/** The stretch of whole months before the one of the day. */
function monthsBefore(day: string): { readonly from: string; readonly to: string } {
  const [year = 0, month = 1] = day.split('-').map(Number)
  const date = (at: number) => new Date(at).toISOString().slice(0, 10)
  return {
    from: date(Date.UTC(year, month - 1 - TREND_MONTHS, 1)),
    to: date(Date.UTC(year, month - 1, 0)),
  }
}
