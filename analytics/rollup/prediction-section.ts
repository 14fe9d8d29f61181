import type { RowFigures } from '../../contracts/analytics-rollup.ts'

/** What open deals and leads may become. Shares of the open ones, by how others like them ended. */
export function predictionSection(figures: RowFigures) {
  const { likelihood, leadPotential, forecast } = figures
  return {
    likelihood_to_close: {
      high: likelihood.high,
      medium: likelihood.medium,
      low: likelihood.low,
    },
    lead_scoring: {
      high_potential: leadPotential.high,
      medium_potential: leadPotential.medium,
      low_potential: leadPotential.low,
    },
    revenue_forecast: {
      next_month: forecast.nextMonth,
      next_quarter: forecast.nextQuarter,
      confidence: forecast.coverage,
    },
    risk_factors: figures.riskFactors,
  }
}
