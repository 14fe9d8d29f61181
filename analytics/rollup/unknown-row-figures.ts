import type { FigureReason } from '../../contracts/analytics.ts'
import type { RowFigures } from '../../contracts/analytics-rollup.ts'
import { asOf } from '../calendar.ts'
import { unknown } from '../figure.ts'

/** What stands in for figures that were not computed. */
export function unknownRowFigures(day: string, reason: FigureReason): RowFigures {
  const count = unknown({ basis: 'count', period: asOf(day), n: 0 }, reason)
  const score = unknown({ basis: 'score', period: asOf(day), n: 0 }, reason)
  const amount = unknown({ basis: 'amount', period: asOf(day), n: 0 }, reason)
  return {
    conversionRates: {
      prospecting_to_qualification: count,
      qualification_to_proposal: count,
      proposal_to_negotiation: count,
      negotiation_to_closed_won: count,
    },
    leadQuality: { averageScore: score, high: count, medium: count, low: count, source: count },
    accountHealth: {
      ...{ averageScore: score, revenue: score, engagement: score },
      ...{ healthy: count, atRisk: count, critical: count },
    },
    likelihood: { high: count, medium: count, low: count },
    leadPotential: { high: count, medium: count, low: count },
    forecast: { nextMonth: amount, nextQuarter: amount, coverage: score },
    riskFactors: [],
  }
}
