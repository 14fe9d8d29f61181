import type {
  AccountRow,
  CurrencyRates,
  LeadRow,
  OpportunityHistoryRow,
  OpportunityRow,
  OpportunitySnapshotRow,
} from '../contracts/analytics.ts'
import { dayNumber, dayText } from './calendar.ts'
import { account, deal, historyOf, lead, lost, snapshot, won } from './row-fixtures.ts'
import { seededNormals } from './statistics/golden-series.ts'

/** The day on which the orgs are looked at. */
export const TODAY = '2026-06-30'

/** All rows of an org. */
export interface Org {
  readonly deals: readonly OpportunityRow[]
  readonly history: readonly OpportunityHistoryRow[]
  readonly leads: readonly LeadRow[]
  readonly accounts: readonly AccountRow[]
  readonly start: readonly OpportunitySnapshotRow[]
  readonly end: readonly OpportunitySnapshotRow[]
  readonly rates: CurrencyRates | null
}

const EMPTY: Org = {
  deals: [],
  history: [],
  leads: [],
  accounts: [],
  start: [],
  end: [],
  rates: null,
}

/** An org of these deals, with the history, leads, accounts and snapshots that go with them. */
function orgOf(deals: readonly OpportunityRow[], rest: Partial<Org> = {}): Org {
  const snapshots = deals.map((row) =>
    snapshot(row.id, {
      amount: row.amount,
      closeDate: row.closeDate,
      isClosed: row.isClosed,
      isWon: row.isWon,
      currencyIsoCode: row.currencyIsoCode,
    }),
  )
  return {
    ...EMPTY,
    deals,
    history: deals.flatMap((row) =>
      historyOf(row.id, [
        { on: row.createdDate.slice(0, 10), amount: row.amount, closeDate: row.closeDate },
        { on: row.closeDate, stageName: row.stageName },
      ]),
    ),
    leads: deals.map((row, index) =>
      lead({
        id: row.id,
        createdDate: row.createdDate,
        isConverted: index % 3 === 0,
        convertedDate: index % 3 === 0 ? row.createdDate.slice(0, 10) : null,
      }),
    ),
    accounts: [account({ id: 'acc1', createdDate: deals[0]?.createdDate ?? TODAY })],
    start: snapshots.map((row) => ({ ...row, isClosed: false, isWon: false })),
    end: snapshots,
    ...rest,
  }
}

/** Deals over two and a half years, a third each open, lost and won. */
function manyDeals(values: (index: number) => Partial<OpportunityRow>): OpportunityRow[] {
  const first = dayNumber('2024-01-01')
  return Array.from({ length: 180 }, (_, index) => {
    const make = [lost, won, (id: string, rest: Partial<OpportunityRow>) => deal({ id, ...rest })]
    const [a = lost] = [make[index % 3]]
    const created = first + index * 5
    return a(`d${String(index).padStart(3, '0')}`, {
      createdDate: `${dayText(created)}T09:00:00.000Z`,
      closeDate: dayText(Math.min(created + 40, dayNumber(TODAY))),
      ...values(index),
    })
  })
}

const noise = seededNormals(11)

/** Orgs with which dashboards go wrong. */
export const DEGENERATE_ORGS: Readonly<Record<string, Org>> = {
  empty: EMPTY,
  'one deal': orgOf([deal({ id: 'a' })]),
  'all lost': orgOf(manyDeals(() => ({ isClosed: true, isWon: false, stageName: 'Closed Lost' }))),
  'no amounts': orgOf(manyDeals(() => ({ amount: null, probability: null }))),
  'mixed currencies': orgOf(
    manyDeals((index) => ({ currencyIsoCode: index % 2 === 0 ? 'EUR' : 'USD' })),
    { rates: { corporate: 'EUR', perCorporateUnit: { USD: 0 } } },
  ),
  'single month': orgOf(
    manyDeals(() => ({ createdDate: '2026-06-01T09:00:00.000Z', closeDate: '2026-06-15' })),
  ),
  'constant series': orgOf(manyDeals(() => ({ amount: 100 }))),
  'noise only': orgOf(manyDeals(() => ({ amount: Math.round(5000 + 1000 * noise()) }))),
  'one huge outlier': orgOf(
    manyDeals((index) => ({ amount: index === 100 ? Number.MAX_VALUE : 100 })),
  ),
  'future dates': orgOf(
    manyDeals(() => ({
      createdDate: '2031-01-01T09:00:00.000Z',
      closeDate: '2030-01-01',
      lastActivityDate: '2032-01-01',
      lastStageChangeDate: '2031-05-01T00:00:00.000Z',
    })),
  ),
}
