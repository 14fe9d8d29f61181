import type { CurrencyRates, DayRange } from '../../contracts/analytics.ts'
import type { BucketSum, RowFigures } from '../../contracts/analytics-rollup.ts'
import { asOf } from '../calendar.ts'
import { countFigure, unknown } from '../figure.ts'
import { byGroup, countOf, meanOf, meanOfSums, moneyOfSums } from './money-of-sums.ts'
import { monthRows } from './pipeline-section.ts'

export interface AccountSums {
  /** All accounts that are there. */
  readonly byIndustry: readonly BucketSum[]
  readonly byType: readonly BucketSum[]
  /** Accounts created in the range. */
  readonly createdByMonth: readonly BucketSum[]
}

/** All accounts as of the day, and those created in each month of the range. Revenue is `AnnualRevenue`. */
export function accountSection(
  sums: AccountSums,
  facts: { readonly day: string; readonly range: DayRange; readonly rates: CurrencyRates | null },
  health: RowFigures['accountHealth'],
) {
  const now = asOf(facts.day)
  const { rates } = facts
  const total = moneyOfSums(sums.byIndustry, now, rates)
  const none = unknown({ basis: 'score', period: now, n: 0 }, 'no_source')
  return {
    total_accounts: countFigure(countOf(sums.byIndustry), now),
    total_revenue: total,
    avg_revenue_per_account: meanOfSums(total, 'no_data'),
    by_industry: [...byGroup(sums.byIndustry)].map(([industry, own]) => {
      const revenue = moneyOfSums(own, now, rates)
      return {
        Industry: industry,
        count: countFigure(countOf(own), now),
        total_revenue: revenue,
        avg_revenue: meanOfSums(revenue, 'no_amounts'),
        avg_employees: meanOf(own, 'employees', now),
      }
    }),
    by_type: [...byGroup(sums.byType)].map(([type, own]) => ({
      Type: type,
      count: countFigure(countOf(own), now),
      total_revenue: moneyOfSums(own, now, rates),
    })),
    new_accounts_trend: monthRows(sums.createdByMonth, facts.range, rates).map(
      ({ total_amount: total_revenue, ...month }) => ({ ...month, total_revenue }),
    ),
    account_health_score: {
      average_score: health.averageScore,
      healthy_percentage: health.healthy,
      at_risk_percentage: health.atRisk,
      critical_percentage: health.critical,
      factors: {
        revenue: health.revenue,
        engagement: health.engagement,
        support_tickets: none,
        product_usage: none,
        payment_history: none,
      },
    },
  }
}
