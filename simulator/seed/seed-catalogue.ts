import { makeId } from '../ids.ts'
import type { Random } from '../seeded-random.ts'
import { between, pick } from './chance.ts'
import { STANDARD_PRICEBOOK } from './org-records.ts'
import type { SeedRecord } from './seed-record.ts'
import {
  type CatalogueEntry,
  type RunningCampaign,
  type SeedScope,
  seedRecord,
} from './seed-scope.ts'
import { DAY, dayOf, type WorkingCalendar } from './working-calendar.ts'

const ADMIN_N = 1

const PRODUCTS = [
  { name: 'Press S', code: 'PR-S', family: 'Hardware', price: 1_800 },
  { name: 'Press L', code: 'PR-L', family: 'Hardware', price: 6_500 },
  { name: 'Conveyor Belt', code: 'CB-1', family: 'Hardware', price: 2_400 },
  { name: 'Control Software', code: 'SW-C', family: 'Software', price: 950 },
  { name: 'Analytics Software', code: 'SW-A', family: 'Software', price: 1_250.5 },
  { name: 'Installation', code: 'SV-I', family: 'Services', price: 750 },
  { name: 'Maintenance Year', code: 'SV-M', family: 'Services', price: 1_199.99 },
] as const

/** Products with their standard prices. */
export function seedCatalogue(
  calendar: WorkingCalendar,
  next: SeedScope['next'],
): { readonly records: readonly SeedRecord[]; readonly entries: readonly CatalogueEntry[] } {
  const records: SeedRecord[] = []
  const at = calendar.start - 20 * DAY
  const stamps = { created: at, modified: at, createdBy: ADMIN_N }
  const entries = PRODUCTS.map(({ name, code, family, price }) => {
    const product = next('Product2')
    const entry = next('PricebookEntry')
    records.push(
      seedRecord(
        'Product2',
        product.n,
        { Name: name, ProductCode: code, Family: family, IsActive: true, IsArchived: false },
        stamps,
      ),
      seedRecord(
        'PricebookEntry',
        entry.n,
        {
          Name: name,
          ProductCode: code,
          Pricebook2Id: makeId('01s', STANDARD_PRICEBOOK),
          Product2Id: product.id,
          UnitPrice: price,
          IsActive: true,
          UseStandardPrice: false,
          IsArchived: false,
        },
        stamps,
      ),
    )
    return { productId: product.id, priceId: entry.id, name, code, price }
  })
  return { records, entries }
}

const KINDS = ['Webinar', 'Trade Show', 'Email', 'Conference', 'Partners'] as const

/** Campaigns over the whole time; their records are made when all members are known. */
export function seedCampaigns(
  random: Random,
  calendar: WorkingCalendar,
  count: number,
  next: SeedScope['next'],
): RunningCampaign[] {
  const span = calendar.end - calendar.start
  return Array.from({ length: count }, (_, index) => {
    const { n, id } = next('Campaign')
    const start = calendar.start + Math.floor((span * index) / count)
    const end = start + between(random, 20, 90) * DAY
    const type = pick(random, KINDS)
    const cost = between(random, 2, 40) * 500
    const fields = {
      Name: `${type} ${dayOf(start).slice(0, 7)}`,
      Type: type,
      Status: end < calendar.end ? 'Completed' : 'In Progress',
      StartDate: dayOf(start),
      EndDate: dayOf(end),
      IsActive: end >= calendar.end,
      BudgetedCost: cost,
      ActualCost: Math.round(cost * (0.8 + random() * 0.5)),
      ExpectedResponse: between(random, 2, 20),
      NumberSent: between(random, 1, 20) * 100,
      OwnerId: makeId('005', ADMIN_N),
      NumberOfLeads: 0,
      NumberOfConvertedLeads: 0,
      NumberOfContacts: 0,
      NumberOfResponses: 0,
      NumberOfOpportunities: 0,
      NumberOfWonOpportunities: 0,
      AmountAllOpportunities: 0,
      AmountWonOpportunities: 0,
    }
    return { n, id, start, end, fields }
  })
}

/** The records of the campaigns, with all that was counted meanwhile. */
export function* campaignRecords(campaigns: readonly RunningCampaign[]): Iterable<SeedRecord> {
  for (const { n, start, fields } of campaigns) {
    const at = start - 10 * DAY
    yield seedRecord('Campaign', n, fields, { created: at, modified: at, createdBy: ADMIN_N })
  }
}

/** The campaign that ran at a moment; `null` for none. */
export function campaignAt(scope: SeedScope, at: number): RunningCampaign | null {
  const running = scope.campaigns.filter((campaign) => campaign.start <= at && at <= campaign.end)
  return running.length === 0 ? null : pick(scope.random, running)
}

/** Adds to what a campaign shows of its members and deals. */
export function countIn(campaign: RunningCampaign, name: string, value: number): void {
  const { fields } = campaign
  const before = fields[name]
  fields[name] = (typeof before === 'number' ? before : 0) + value
}
