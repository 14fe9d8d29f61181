import type { OpportunityRow } from '../../contracts/analytics.ts'
import { asOf, monthOf, periodBy } from '../calendar.ts'
import { accountGrowth } from '../definitions/account-growth.ts'
import { cohortConversion } from '../definitions/conversion.ts'
import { cycleLength } from '../definitions/cycle-length.ts'
import { leadConversion, leadQuality, leadTime } from '../definitions/leads.ts'
import { ownerPerformance } from '../definitions/owner-performance.ts'
import {
  openDeals,
  openPipeline,
  pipelineCoverage,
  weightedPipeline,
} from '../definitions/pipeline.ts'
import { pipelineMovement } from '../definitions/pipeline-movement.ts'
import { pushCounts, slippage } from '../definitions/slippage.ts'
import { stageAgeing } from '../definitions/stage-ageing.ts'
import { stageConversions } from '../definitions/stage-conversion.ts'
import { stalePipeline } from '../definitions/stale-pipeline.ts'
import { salesVelocity } from '../definitions/velocity.ts'
import { type WinRate, winRate } from '../definitions/win-rate.ts'
import { countFigure, shareFigure } from '../figure.ts'
import { moneyFigure } from '../money.ts'
import { LEAD_MATURITY_DAYS } from '../rollup/row-figures.ts'
import type { Report, ReportFacts } from './report.ts'

const ANY_DAY = { from: null, to: null }
/** Pushes from which a close date is not to be believed. */
const PUSHES = 2

/** The reports that are made of rows, by their names in the API. */
export const REPORTS = {
  pipeline: {
    needs: ['opportunities', 'stages'],
    objects: ['opportunity'],
    isOfRange: false,
    make({ opportunities: deals, stages }, facts) {
      const { range, rates } = facts
      const order = new Map(stages.map((stage) => [stage.name, stage.sortOrder]))
      const place = (name: string | null) => order.get(name ?? '') ?? Number.MAX_SAFE_INTEGER
      return {
        open: openPipeline(deals, ANY_DAY, rates),
        weighted: weightedPipeline(deals, ANY_DAY, rates),
        due: openPipeline(deals, range, rates),
        dueWeighted: weightedPipeline(deals, range, rates),
        coverage: pipelineCoverage(deals, range, null, rates),
        byStage: openBy(deals, facts, (deal) => deal.stageName).sort(
          (a, b) => place(a.key) - place(b.key),
        ),
        byOwner: openBy(deals, facts, (deal) => deal.ownerId).map(({ key, ...figures }) => ({
          ownerId: key,
          ownerName: facts.ownerNames.get(key ?? '') ?? null,
          ...figures,
        })),
        byCloseMonth: openBy(deals, facts, (deal) =>
          deal.closeDate === '' ? null : monthOf(deal.closeDate),
        ),
        byForecastCategory: openBy(deals, facts, (deal) => deal.forecastCategory),
      }
    },
  },
  'win-rate': {
    needs: ['opportunities'],
    objects: ['opportunity'],
    isOfRange: true,
    make({ opportunities }, { range, rates }) {
      const { won, lost, ...shares } = winRate(opportunities, range, rates)
      const period = periodBy('closed', range)
      return {
        ...shares,
        won: countFigure(won, period),
        lost: countFigure(lost, period),
        cohort: cohortConversion(opportunities, range),
      }
    },
  },
  velocity: {
    needs: ['opportunities'],
    objects: ['opportunity'],
    isOfRange: false,
    make: ({ opportunities }, { range, rates }) => ({
      perDay: salesVelocity(opportunities, range, rates),
    }),
  },
  cycle: {
    needs: ['opportunities'],
    objects: ['opportunity'],
    isOfRange: true,
    make: ({ opportunities }, { range }) => cycleLength(opportunities, range),
  },
  stages: {
    needs: ['opportunities', 'history', 'stages'],
    objects: ['opportunity', 'history', 'stage'],
    isOfRange: false,
    make: ({ opportunities, history, stages }, { day, range }) => ({
      conversion: stageConversions(history, stages, range),
      ageing: stageAgeing(opportunities, history, stages, day),
    }),
  },
  movement: {
    needs: ['snapshots'],
    objects: ['opportunity'],
    isOfRange: false,
    make: ({ snapshots }, { range, rates }) =>
      pipelineMovement(
        snapshots?.start ?? [],
        snapshots?.end ?? [],
        ANY_DAY,
        {
          from: snapshots?.from ?? range.from ?? '',
          to: snapshots?.to ?? range.to ?? '',
        },
        rates,
      ),
  },
  slippage: {
    needs: ['opportunities', 'history', 'stages'],
    objects: ['opportunity', 'history', 'stage'],
    isOfRange: false,
    make({ opportunities, history, stages }, { day, range }) {
      const open = new Set(openDeals(opportunities, ANY_DAY).map((deal) => deal.id))
      const pushes = [...pushCounts(history)].filter(([id]) => open.has(id))
      const share = (least: number) =>
        shareFigure(
          pushes.filter(([, count]) => count >= least).length,
          open.size,
          asOf(day),
          'no_open_deals',
        )
      return {
        rate: slippage(history, stages, range),
        openPushedOnce: share(1),
        openPushedRepeatedly: share(PUSHES),
      }
    },
  },
  leads: {
    needs: ['leads'],
    objects: ['lead'],
    isOfRange: true,
    make({ leads }, { day, range }) {
      const maturity = { days: LEAD_MATURITY_DAYS, asOf: day }
      const { rate, tooYoung, convertedInPeriod } = leadConversion(leads, range, maturity)
      const created = leads.filter((lead) => isIn(lead.createdDate, range))
      return {
        created: countFigure(created.length, periodBy('created', range)),
        conversion: rate,
        tooYoung: countFigure(tooYoung, periodBy('created', range)),
        converted: convertedInPeriod,
        time: leadTime(leads, range),
        bySource: leadQuality(leads, range, maturity, 'leadSource'),
        byRating: leadQuality(leads, range, maturity, 'rating'),
      }
    },
  },
  owners: {
    needs: ['opportunities'],
    objects: ['opportunity'],
    isOfRange: false,
    make: ({ opportunities }, { range, rates, ownerNames }) => ({
      owners: ownerPerformance(opportunities, range, rates).map((owner) => ({
        ...owner,
        ownerName: ownerNames.get(owner.ownerId) ?? null,
        winRate: shareFigures(owner.winRate),
      })),
    }),
  },
  accounts: {
    needs: ['accounts'],
    objects: ['account'],
    isOfRange: true,
    make({ accounts }, { day, range, rates }) {
      const growth = accountGrowth(accounts, range)
      const revenue = accounts.map((account) => ({
        amount: account.annualRevenue,
        currencyIsoCode: account.currencyIsoCode,
      }))
      return {
        total: countFigure(accounts.length, asOf(day)),
        annualRevenue: moneyFigure(revenue, asOf(day), rates),
        created: growth.created,
        growth: growth.rate,
        byMonth: growth.byMonth.map(({ month, created }) => ({
          month,
          created: countFigure(created, periodBy('created', range)),
        })),
      }
    },
  },
  stale: {
    needs: ['opportunities', 'history'],
    objects: ['opportunity', 'history'],
    isOfRange: false,
    make({ opportunities, history }, { day, rates, staleDays }) {
      const { amount, share, dealIds } = stalePipeline(
        opportunities,
        history,
        day,
        staleDays,
        rates,
      )
      return { afterDays: staleDays, amount, share, dealIds: dealIds.slice(0, 1_000) }
    },
  },
} as const satisfies Record<string, Report>
export type ReportName = keyof typeof REPORTS

/** What of a win rate are figures; its bare counts are their n. */
function shareFigures({ won, lost, ...figures }: WinRate) {
  return figures
}

function isIn(date: string, { from, to }: { from: string | null; to: string | null }): boolean {
  const day = date.slice(0, 10)
  return (from === null || day >= from) && (to === null || day <= to)
}

/** Open deals by a key, the largest group first. */
function openBy(
  deals: readonly OpportunityRow[],
  { day, rates }: ReportFacts,
  keyOf: (deal: OpportunityRow) => string | null,
) {
  const open = openDeals(deals, ANY_DAY)
  return [...Map.groupBy(open, keyOf)]
    .map(([key, own]) => ({
      key,
      deals: countFigure(own.length, asOf(day)),
      amount: moneyFigure(own, asOf(day), rates),
      weighted: { ...weightedPipeline(own, ANY_DAY, rates), period: asOf(day) },
    }))
    .sort((a, b) => b.deals.n - a.deals.n || ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
}
