import { makeId } from '../ids.ts'
import { createSchema, type Schema } from '../schema/schema.ts'
import { createRandom } from '../seeded-random.ts'
import { accountStory } from './account-story.ts'
import { chance } from './chance.ts'
import { STANDARD_PRICEBOOK } from './org-records.ts'
import { campaignRecords, seedCampaigns, seedCatalogue } from './seed-catalogue.ts'
import { openLead } from './seed-leads.ts'
import { seedPeople } from './seed-people.ts'
import type { SeedRecord } from './seed-record.ts'
import { createNumbers, type SeedScope } from './seed-scope.ts'
import { type SeedSize, shareOf } from './seed-size.ts'
import { createWorkingCalendar } from './working-calendar.ts'

/** Of a hundred leads, how many become customers where there are accounts enough. */
const CONVERTED = 0.25

export interface SeedOptions {
  /** The story ends at the beginning of this day, `YYYY-MM-DD`. */
  readonly day: string
  readonly size: SeedSize
  /** Another number tells another story. */
  readonly seed?: number
}

/**
 * The records of a company's two years up to a day: the same day, size and seed give the same records.
 * Made one account after the other, so that any size needs little memory.
 */
export function* generateRecords(
  options: SeedOptions,
  schema: Schema = createSchema(),
): Iterable<SeedRecord> {
  const { size } = options
  const random = createRandom(options.seed ?? 1)
  const calendar = createWorkingCalendar(options.day)
  const next = createNumbers(schema)
  const people = seedPeople(random, calendar, size.sellers, next)
  const catalogue = seedCatalogue(calendar, next)
  const campaigns = seedCampaigns(random, calendar, size.campaigns, next)
  const scope: SeedScope = {
    random,
    calendar,
    size,
    sellers: people.sellers,
    supportN: people.supportN,
    catalogue: catalogue.entries,
    campaigns,
    pricebookId: makeId('01s', STANDARD_PRICEBOOK),
    next,
    idOf: ({ object, n }) => makeId(schema.object(object)?.keyPrefix ?? '', n),
  }
  yield* people.records
  yield* catalogue.records

  const wanted = Math.min(Math.round(size.leads * CONVERTED), size.accounts)
  let leads = 0
  for (let account = 0; account < size.accounts; account += 1) {
    const share = (total: number): number => shareOf(account, size.accounts, total)
    const opportunities = share(size.opportunities)
    // Those who buy often were customers before, most of them.
    const newness = opportunities * size.accounts > 2 * size.opportunities ? 0.55 : 1.25
    const ofLead = leads < wanted && chance(random, (newness * wanted) / size.accounts)
    const records = accountStory(scope, {
      contacts: share(size.contacts),
      opportunities,
      cases: share(size.cases),
      tasks: share(size.tasks),
      events: share(size.events),
      ofLead,
    })
    for (const record of records) if (record.object === 'Lead') leads += 1
    yield* records
  }
  while (leads < size.leads) {
    leads += 1
    yield* openLead(scope)
  }
  yield* campaignRecords(campaigns)
}
