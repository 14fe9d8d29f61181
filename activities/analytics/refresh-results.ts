import { dealsAtRisk } from '../../analytics/insights/deals-at-risk.ts'
import type { Insight } from '../../analytics/insights/insight.ts'
import { staleDeals } from '../../analytics/insights/stale-deals.ts'
import { unusualWeek } from '../../analytics/insights/unusual-weeks.ts'
import { dealLikelihoods } from '../../analytics/likelihood/deal-likelihoods.ts'
import { checkLikelihood } from '../../analytics/likelihood/likelihood-check.ts'
import { enhancedAnswer } from '../../analytics/rollup/enhanced.ts'
import { forecastFigures, revenueForecast } from '../../analytics/rollup/forecast-figures.ts'
import {
  type AnalyticsRows,
  conversionRates,
  currentFigures,
  LEAD_MATURITY_DAYS,
  leadQualityFigures,
  STALE_DAYS,
} from '../../analytics/rollup/row-figures.ts'
import {
  DATE_RANGES,
  type DateRange,
  type RefreshResultsInput,
  type RollUpInput,
} from '../../contracts/analytics-rollup.ts'
import { daysOfRange } from '../../contracts/enhanced-analytics.ts'
import { createAnalyticsBucketQueries } from '../../db/analytics-buckets.ts'
import { createAnalyticsResultQueries } from '../../db/analytics-results.ts'
import { createAnalyticsRollupQueries } from '../../db/analytics-rollups.ts'
import { createAnalyticsRowQueries } from '../../db/analytics-rows.ts'
import { type AnalyticsView, createAnalyticsViewQueries } from '../../db/analytics-view.ts'
import { readEnhancedInput } from '../../db/enhanced-analytics.ts'
import { createSalesforceAnalyticsCacheQueries } from '../../db/salesforce-analytics-cache.ts'
import {
  createSalesforcePredictiveInsightQueries,
  type NewPredictiveInsight,
} from '../../db/salesforce-predictive-insights.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { RollupDependencies } from './drain-buckets.ts'
import { forecastModels } from './forecast-models.ts'

/** Deals that nothing happened to for two years say nothing of the next ones. */
const DAYS_BACK = 730
/** Rows of an object that are held at once; of more, the newest are taken. */
const MOST_ROWS = 300_000
const MOST_INSIGHTS = 1_000
/** Insights outlive a few refreshes that fail. */
const INSIGHT_SECONDS = 3 * 86_400

/** Computes what needs rows, of the mirror as it is, and answers that callers have asked for. May be done again. */
export function createRefreshResults({ database, logger }: RollupDependencies) {
  return async ({ workspaceId, connectionId, changed }: RefreshResultsInput): Promise<void> => {
    const input: RollUpInput = { workspaceId, connectionId }
    const view = await createAnalyticsViewQueries(database).get(connectionId, '30d')
    const last = await createAnalyticsRollupQueries(database).get(connectionId)
    // Nothing has changed and no day has ended: the results would be the same.
    if (!changed && last?.resultsDay === view.day) {
      await createAnalyticsRollupQueries(database).setAsOf(connectionId, oldest(view))
      return
    }
    const rows = await readRows(database, connectionId, view)
    if (rows.opportunities.length === MOST_ROWS || rows.history.length === MOST_ROWS) {
      logger.warn({ connectionId, rows: MOST_ROWS }, 'figures are made of the newest rows alone')
    }
    const { day, rates } = view
    const sums = await createAnalyticsBucketQueries(database).sums(connectionId, {
      won: { metric: 'opportunities_won', kind: 'all', by: 'month', from: null, to: day },
    })
    const foreseen = revenueForecast(sums.won, day, rates, await forecastModels())
    const current = currentFigures(rows, day, rates, forecastFigures(foreseen, day))
    const likelihood = {
      deals: dealLikelihoods(rows.opportunities, rows.history, day),
      check: checkLikelihood(rows.opportunities, rows.history, day),
    }
    await database.transaction(async (transaction) => {
      const rollups = createAnalyticsRollupQueries(transaction)
      // The mirror was erased meanwhile: these are figures of what is not there any more.
      if ((await rollups.hold(connectionId)) === null) return
      const results = createAnalyticsResultQueries(transaction)
      // Object.keys forgets that the keys are those of the constant.
      for (const range of Object.keys(DATE_RANGES) as DateRange[]) {
        const days = daysOfRange(range, day)
        await results.putRowFigures(input, range, {
          ...current,
          conversionRates: conversionRates(rows.history, rows.stages, days),
          leadQuality: leadQualityFigures(rows.leads, days, {
            days: LEAD_MATURITY_DAYS,
            asOf: day,
          }),
        })
      }
      await results.putReport(input, 'forecast', foreseen)
      await results.putReport(input, 'likelihood', likelihood)
      await createSalesforcePredictiveInsightQueries(transaction).replace(
        input,
        insightsOf(rows, likelihood.deals, day),
        INSIGHT_SECONDS,
      )
      await rollups.setDrained(connectionId)
      await rollups.setResults(connectionId, oldest(view))
    })
    await refreshCache(database, input)
  }
}

async function readRows(
  database: WorkspaceDatabase,
  connectionId: string,
  { day, timeZone }: AnalyticsView,
): Promise<AnalyticsRows> {
  const since = new Date(Date.parse(day) - DAYS_BACK * 86_400_000).toISOString().slice(0, 10)
  const selection = { connectionId, timeZone, since, ownerId: null, limit: MOST_ROWS }
  const read = createAnalyticsRowQueries(database)
  return {
    opportunities: await read.opportunities(selection),
    history: await read.history(selection),
    stages: await read.stages(connectionId),
    leads: await read.leads(selection),
    accounts: await read.accounts(selection),
  }
}

/** What all figures are at least as new as. */
function oldest({ pulled }: AnalyticsView): Date | null {
  const times = Object.values(pulled)
    .map(({ asOf }) => asOf)
    .filter((asOf) => asOf !== null)
    .sort()
  const [first] = times
  return first === undefined ? null : new Date(first)
}

function insightsOf(
  rows: AnalyticsRows,
  likelihoods: ReturnType<typeof dealLikelihoods>,
  day: string,
): NewPredictiveInsight[] {
  const { opportunities, history, leads } = rows
  const weeks = [
    unusualWeek(
      opportunities.map((deal) => deal.createdDate).filter(hasDate),
      'deals created',
      day,
    ),
    unusualWeek(leads.map((lead) => lead.createdDate).filter(hasDate), 'leads created', day),
  ].map(({ insight }) => insight)
  const found = [
    ...weeks.filter((insight) => insight !== null),
    ...dealsAtRisk(opportunities, history, day),
    ...staleDeals(opportunities, history, day, STALE_DAYS),
  ].map(insightRow)
  const likely = likelihoods
    .filter(({ likelihood }) => likelihood.value !== null)
    .map(({ opportunityId, likelihood, group }) => ({
      insightType: 'likelihood_to_close',
      objectType: 'Opportunity',
      objectId: opportunityId,
      confidence: likelihood.value,
      prediction: { likelihood, group },
    }))
  // Each kind has its share, so that a thousand of one do not hide the others.
  return [...found.slice(0, MOST_INSIGHTS), ...likely.slice(0, MOST_INSIGHTS)]
}

function hasDate(date: string): boolean {
  return date !== ''
}

function insightRow(insight: Insight): NewPredictiveInsight {
  const { rule, subject, evidence, recommendedAction, confidence } = insight
  return {
    insightType: rule,
    objectType: subject.kind === 'week' ? 'Week' : 'Opportunity',
    objectId: subject.id,
    confidence,
    prediction: { evidence, recommended_action: recommendedAction },
  }
}

/** Answers that are kept are made anew, so that nobody is answered from before the rollup. */
async function refreshCache(
  database: WorkspaceDatabase,
  { connectionId }: RollUpInput,
): Promise<void> {
  const cache = createSalesforceAnalyticsCacheQueries(database)
  for (const key of await cache.list(connectionId)) {
    const { input: read, resultsRevision } = await readEnhancedInput(database, key)
    await cache.refresh(key, enhancedAnswer(read), resultsRevision)
  }
}
