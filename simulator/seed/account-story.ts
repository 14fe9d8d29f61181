import type { RecordFields } from '../store/record-store.ts'
import { between, chance, pick } from './chance.ts'
import { type MadeDeal, makeDeal, ownerId } from './seed-deals.ts'
import { convertedLead, makePerson, memberOf, type Person } from './seed-leads.ts'
import { COMPANY_STEMS, LINES_OF_BUSINESS, PLACES } from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import { type SeedScope, type Seller, seedRecord, sellerAt, sourceOf } from './seed-scope.ts'
import { type ContactSpan, makeCase, makeEvent, makeTask } from './seed-service.ts'
import { DAY } from './working-calendar.ts'

/** How many of what hangs on an account. */
export interface AccountShare {
  readonly contacts: number
  readonly opportunities: number
  readonly cases: number
  readonly tasks: number
  readonly events: number
  /** Whether it may have come of a lead. */
  readonly ofLead: boolean
}

/** An account with everything that hangs on it, from the lead it came of to its cases. */
export function accountStory(scope: SeedScope, share: AccountShare): SeedRecord[] {
  const { random } = scope
  const { n, id } = scope.next('Account')
  const business = pick(random, LINES_OF_BUSINESS)
  const name = `${COMPANY_STEMS[(n * 13) % COMPANY_STEMS.length]} ${business.suffix}${n > 38 ? ` ${n}` : ''}`
  const source = sourceOf(random, share.ofLead ? 'converted' : 'any')
  // Customers that came of leads come all the time, those of long standing were there from the start.
  const { opportunities } = share
  const created = firstOf(scope, share.ofLead ? Math.min(opportunities, 2) : opportunities)
  const begins = Array.from({ length: share.opportunities }, (_, index) =>
    index === 0 ? created : momentAfter(scope, created),
  ).toSorted((a, b) => a - b)
  const owner = sellerAt(scope, created)
  const place = pick(random, PLACES)

  const contacts = Array.from({ length: share.contacts }, (_, index) =>
    makeContact(scope, { id, name, place, source: source.name }, owner, created, index),
  )
  const firstContact = contacts[0]
  const deals = begins.map((begin, index) =>
    makeDeal(
      scope,
      {
        accountId: id,
        accountName: name,
        size: business.size,
        winRate: business.winRate * (0.7 + source.conversion),
        source: source.name,
      },
      owner.left !== null && owner.left <= begin ? sellerAt(scope, begin) : owner,
      index === 0 ? created : begin,
      { isFirst: index === 0, ...(index === 0 && share.ofLead ? { name: `${name}-` } : {}) },
    ),
  )
  const lead =
    share.ofLead && firstContact !== undefined
      ? convertedLead(scope, {
          at: created,
          by: owner,
          company: name,
          industry: business.industry,
          person: firstContact.person,
          source: source.name,
          place,
          accountId: id,
          contactId: firstContact.id,
          opportunityId: deals[0]?.id ?? null,
        })
      : []
  const account = seedRecord(
    'Account',
    n,
    {
      ...accountFields(scope, n, place),
      Name: name,
      Type: deals.some(isWon) ? 'Customer - Direct' : 'Prospect',
      Industry: business.industry,
      AccountSource: source.name,
      OwnerId: ownerId(owner),
    },
    { created, modified: created, createdBy: owner.n },
  )
  const spans = spansOf(scope, id, created, owner, deals, firstContact?.id ?? null)
  const activities = [
    ...Array.from({ length: share.tasks }, () => makeTask(scope, pick(random, spans))),
    ...Array.from({ length: share.events }, () => makeEvent(scope, pick(random, spans))),
  ]
  const cases = Array.from({ length: share.cases }, () =>
    makeCase(
      scope,
      id,
      contacts.map(({ id: contactId, record }) => ({
        id: contactId,
        created: record.created,
        email: record.fields['Email'] ?? null,
      })),
      created,
    ),
  )
  const members = contacts.flatMap((contact, index) => {
    // The contact of a lead is in the lead's campaign already.
    if (index === 0 && lead.length > 0) return []
    const member = chance(random, 0.3)
      ? memberOf(scope, contact.record, contact.id, { ContactId: contact.id }, name)
      : null
    return member === null ? [] : [member]
  })
  const records = [
    account,
    ...contacts.map((contact) => contact.record),
    ...deals.flatMap((deal) => deal.records),
  ]
  keepLastActivity(scope, records, activities)
  return [...records, ...lead, ...activities, ...cases, ...members]
}

/** The earliest of some moments. */
function firstOf({ random, calendar }: SeedScope, count: number): number {
  const moments = Array.from({ length: Math.max(count, 1) }, () => calendar.moment(random))
  return Math.min(...moments)
}

/** A moment after another one, as likely as moments are. */
function momentAfter({ random, calendar }: SeedScope, since: number): number {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const at = calendar.moment(random)
    if (at > since) return at
  }
  const at = calendar.atWork(random, since + random() * (calendar.end - since))
  return at < calendar.end && at > since ? at : since + 60_000
}

const isWon = (deal: MadeDeal): boolean => deal.steps.at(-1)?.stage === 'Closed Won'
const isOpen = (deal: MadeDeal): boolean => !deal.steps.at(-1)?.stage.startsWith('Closed')

function accountFields(
  { random }: SeedScope,
  n: number,
  place: (typeof PLACES)[number],
): Record<string, string | number | boolean | null> {
  const employees = chance(random, 0.85) ? Math.round(10 ** (1 + random() * 3)) : null
  return {
    BillingCity: place.city,
    BillingState: place.state,
    BillingPostalCode: place.postalCode,
    BillingCountry: place.country,
    Phone: chance(random, 0.8)
      ? `+1 555 ${between(random, 100, 999)} ${between(random, 1_000, 9_999)}`
      : null,
    Website: `https://www.account${n}.example`,
    NumberOfEmployees: employees,
    AnnualRevenue: employees === null ? null : employees * between(random, 40, 220) * 1_000,
    Rating: chance(random, 0.6) ? pick(random, ['Hot', 'Warm', 'Cold']) : null,
    Tier__c: chance(random, 0.7) ? pick(random, ['Gold', 'Silver', 'Bronze', 'Bronze']) : null,
    Active__c: chance(random, 0.9),
    Score__c: chance(random, 0.5) ? Math.round(random() * 10_000) / 100 : null,
    External_Id__c: `ACC-${String(n).padStart(6, '0')}`,
  }
}

interface MadeContact {
  readonly id: string
  readonly person: Person
  readonly record: SeedRecord
}

function makeContact(
  scope: SeedScope,
  account: {
    readonly id: string
    readonly name: string
    readonly place: (typeof PLACES)[number]
    readonly source: string
  },
  owner: Seller,
  accountCreated: number,
  index: number,
): MadeContact {
  const { random, calendar } = scope
  const { n, id } = scope.next('Contact')
  const person = makePerson(scope, account.name)
  const later = calendar.atWork(random, accountCreated + between(random, 1, 200) * DAY)
  const created = index === 0 ? accountCreated : Math.min(later, calendar.end - 60_000)
  const record = seedRecord(
    'Contact',
    n,
    {
      AccountId: account.id,
      FirstName: person.first,
      LastName: person.last,
      Name: `${person.first} ${person.last}`,
      Title: person.title,
      Email: index === 0 || chance(random, 0.9) ? person.email : null,
      LeadSource: account.source,
      MailingCity: account.place.city,
      MailingState: account.place.state,
      MailingPostalCode: account.place.postalCode,
      MailingCountry: account.place.country,
      HasOptedOutOfEmail: chance(random, 0.05),
      DoNotCall: false,
      OwnerId: ownerId(owner),
      External_Id__c: `CON-${String(n).padStart(6, '0')}`,
    },
    {
      created: Math.max(created, accountCreated),
      modified: Math.max(created, accountCreated),
      createdBy: owner.n,
    },
  )
  return { id, person, record }
}

/** When somebody of the company spoke with the account, and what about. */
function spansOf(
  scope: SeedScope,
  accountId: string,
  created: number,
  owner: Seller,
  deals: readonly MadeDeal[],
  whoId: string | null,
): ContactSpan[] {
  const { end } = scope.calendar
  if (deals.length === 0) {
    const to = Math.min(created + 90 * DAY, end)
    return [
      { from: created, to, whatId: accountId, whoId, accountId, seller: owner, goesOn: false },
    ]
  }
  return deals.map((deal) => {
    const from = deal.steps[0]?.at ?? created
    const last = deal.steps.at(-1)?.at ?? from
    // Nobody speaks about a deal that is forgotten.
    const goesOn = isOpen(deal) && last > end - 60 * DAY
    const to = goesOn ? end : last
    return { from, to, whatId: deal.id, whoId, accountId, seller: deal.owner, goesOn }
  })
}

/** The day of the last activity on each record that activities are about. */
function keepLastActivity(
  scope: SeedScope,
  records: readonly SeedRecord[],
  activities: readonly SeedRecord[],
): void {
  const last = new Map<string, string>()
  for (const { object, fields } of activities) {
    const day = fields['ActivityDate']
    if (typeof day !== 'string' || (object === 'Task' && fields['IsClosed'] !== true)) continue
    for (const lookup of ['WhoId', 'WhatId', 'AccountId']) {
      const id = fields[lookup]
      if (typeof id === 'string' && (last.get(id) ?? '') < day) last.set(id, day)
    }
  }
  for (const record of records) {
    const day = last.get(scope.idOf(record))
    if (day !== undefined) (record.fields as RecordFields)['LastActivityDate'] = day
  }
}
