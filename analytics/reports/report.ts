import type {
  CurrencyRates,
  DayRange,
  FigureReason,
  OpportunitySnapshotRow,
} from '../../contracts/analytics.ts'
import type { PulledObjects } from '../../contracts/analytics-rollup.ts'
import type { AnalyticsRows } from '../rollup/row-figures.ts'

/** Rows that a report is made of; what it does not need is empty. */
export interface ReportRows extends AnalyticsRows {
  /** The first and the last snapshot of the range; null where there are none, or only one. */
  readonly snapshots: {
    readonly start: readonly OpportunitySnapshotRow[]
    readonly end: readonly OpportunitySnapshotRow[]
    readonly from: string
    readonly to: string
  } | null
}

export interface ReportFacts {
  readonly day: string
  readonly range: DayRange
  readonly rates: CurrencyRates | null
  readonly ownerNames: ReadonlyMap<string, string>
  readonly staleDays: number
}

/** One page of figures. */
export interface Report {
  /** Rows that it is made of. */
  readonly needs: readonly (keyof ReportRows)[]
  /** Objects without which it says nothing. */
  readonly objects: readonly (keyof PulledObjects)[]
  /** Whether its figures are of the range, so that they can be held against those of the range before. */
  readonly isOfRange: boolean
  readonly make: (rows: ReportRows, facts: ReportFacts) => object
}

/** Why none of the figures is known; null where they are. */
export function missingObject(report: Report, pulled: PulledObjects): FigureReason | null {
  return report.objects.some((object) => pulled[object].asOf === null) ? 'not_pulled_yet' : null
}
