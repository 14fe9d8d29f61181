import { FIGURE_REASONS } from '../contracts/analytics.ts'
import { periodBy, precedingRange } from './calendar.ts'
import { accountGrowth, monthlyCounts } from './definitions/account-growth.ts'
import { accountHealths } from './definitions/account-health.ts'
import { compare } from './definitions/comparison.ts'
import { cohortConversion } from './definitions/conversion.ts'
import { cycleLength } from './definitions/cycle-length.ts'
import { leadConversion, leadQuality, leadTime } from './definitions/leads.ts'
import { ownerPerformance } from './definitions/owner-performance.ts'
import { openPipeline, pipelineCoverage, weightedPipeline } from './definitions/pipeline.ts'
import { pipelineMovement } from './definitions/pipeline-movement.ts'
import { pushCounts, slippage } from './definitions/slippage.ts'
import { stageAgeing } from './definitions/stage-ageing.ts'
import { reachedStage, stageConversions } from './definitions/stage-conversion.ts'
import { stalePipeline } from './definitions/stale-pipeline.ts'
import { salesVelocity } from './definitions/velocity.ts'
import { winRate } from './definitions/win-rate.ts'
import { type Org, TODAY } from './degenerate-orgs.ts'
import { forecast } from './forecast/forecast.ts'
import { testModels } from './forecast/model-fixture.ts'
import { dealsAtRisk } from './insights/deals-at-risk.ts'
import { staleDeals } from './insights/stale-deals.ts'
import { unusualWeek } from './insights/unusual-weeks.ts'
import { dealLikelihoods } from './likelihood/deal-likelihoods.ts'
import { checkLikelihood } from './likelihood/likelihood-check.ts'
import { STAGES } from './row-fixtures.ts'
import { trends } from './trend.ts'

const YEAR = { from: '2025-07-01', to: TODAY }
const EVER = { from: null, to: null }
const MATURITY = { days: 60, asOf: TODAY }

/** Everything that can be asked of an org. */
export function everything(org: Org) {
  const { deals, history, leads, accounts, rates } = org
  const rate = winRate(deals, YEAR, rates)
  const before = winRate(deals, precedingRange(YEAR) ?? EVER, rates)
  const months = monthlyCounts(
    deals.map((row) => row.createdDate),
    EVER,
  ).map((month) => month.created)
  const period = periodBy('created', EVER)
  return {
    rate,
    comparison: compare(rate.byCount, before.byCount),
    amounts: compare(rate.byAmount, before.byAmount),
    cohort: cohortConversion(deals, YEAR),
    open: openPipeline(deals, EVER, rates),
    weighted: weightedPipeline(deals, EVER, rates),
    coverage: pipelineCoverage(deals, YEAR, { amount: 1e6, currencyIsoCode: null }, rates),
    velocity: salesVelocity(deals, YEAR, rates),
    cycle: cycleLength(deals, YEAR),
    stages: stageConversions(history, STAGES, EVER),
    reached: reachedStage(history, STAGES, EVER, 'Prospecting', 'Closed Won'),
    ageing: stageAgeing(deals, history, STAGES, TODAY),
    slippage: slippage(history, STAGES, YEAR),
    pushes: [...pushCounts(history).values()],
    movement: pipelineMovement(org.start, org.end, YEAR, YEAR, rates),
    leadConversion: leadConversion(leads, YEAR, MATURITY),
    leadTime: leadTime(leads, YEAR),
    leadQuality: leadQuality(leads, YEAR, MATURITY, 'leadSource'),
    owners: ownerPerformance(deals, YEAR, rates),
    growth: accountGrowth(accounts, YEAR),
    health: accountHealths(accounts, deals, TODAY, rates),
    stale: stalePipeline(deals, history, TODAY, 30, rates),
    likelihoods: dealLikelihoods(deals, history, TODAY),
    check: checkLikelihood(deals, history, TODAY),
    insights: [...staleDeals(deals, history, TODAY, 30), ...dealsAtRisk(deals, history, TODAY)],
    week: unusualWeek(
      deals.map((row) => row.createdDate),
      'deals created',
      TODAY,
    ),
    trends: trends({ created: { values: months, period }, none: { values: [], period } }),
    forecast: forecast(
      { values: months, season: 12, horizon: 3, period, basis: 'count', currency: null },
      testModels(),
    ),
  }
}

/** Paths of numbers that are none, and of figures whose null has no reason (or whose number has one). */
export function faults(value: unknown, path: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value}`]
  if (value === undefined) return [`${path}: undefined`]
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.entries(value).flatMap(([key, part]) => faults(part, `${path}.${key}`))
  if (!('basis' in value && 'value' in value && 'reason' in value)) return inside
  const { value: figure, reason } = value
  const known = FIGURE_REASONS.some((name) => name === reason)
  if (figure === null ? !known : reason !== null) inside.push(`${path}: ${figure} for ${reason}`)
  return inside
}
