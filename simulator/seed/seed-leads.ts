import type { RecordFields } from '../store/record-store.ts'
import { between, chance, pick } from './chance.ts'
import { campaignAt, countIn } from './seed-catalogue.ts'
import { ownerId } from './seed-deals.ts'
import {
  COMPANY_STEMS,
  FIRST_NAMES,
  LAST_NAMES,
  LINES_OF_BUSINESS,
  LOSS_REASONS,
  PLACES,
  TITLES,
} from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import {
  type RunningCampaign,
  type SeedScope,
  type Seller,
  seedRecord,
  sellerAt,
  sourceOf,
} from './seed-scope.ts'
import { DAY, dayOf } from './working-calendar.ts'

/** A person before anybody knows whether he or she buys. */
export interface Person {
  readonly first: string
  readonly last: string
  readonly title: string
  readonly email: string
}

export function makePerson({ random }: SeedScope, company: string): Person {
  const first = pick(random, FIRST_NAMES)
  const last = pick(random, LAST_NAMES)
  const letters = (text: string): string =>
    text
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase()
  return {
    first,
    last,
    title: pick(random, TITLES),
    email: `${letters(first)}.${letters(last)}@${letters(company)}.example`,
  }
}

type Place = (typeof PLACES)[number]

/** What became of a lead that was converted. */
export interface Conversion {
  readonly at: number
  readonly by: Seller
  readonly company: string
  readonly industry: string
  readonly person: Person
  readonly source: string
  readonly place: Place
  readonly accountId: string
  readonly contactId: string
  readonly opportunityId: string | null
}

function leadFields(
  scope: SeedScope,
  person: Person,
  company: string,
  n: number,
  place: Place,
): RecordFields {
  const fields: RecordFields = {
    FirstName: person.first,
    LastName: person.last,
    Name: `${person.first} ${person.last}`,
    Title: person.title,
    Company: company,
    City: place.city,
    Country: place.country,
    Email: person.email,
    IsUnreadByOwner: false,
    External_Id__c: `LEAD-${String(n).padStart(6, '0')}`,
  }
  fields['PostalCode'] = place.postalCode
  if (place.state !== null) fields['State'] = place.state
  if (chance(scope.random, 0.7)) fields['NumberOfEmployees'] = between(scope.random, 5, 4_000)
  if (chance(scope.random, 0.6)) fields['Rating'] = pick(scope.random, ['Hot', 'Warm', 'Cold'])
  return fields
}

/** The lead that an account came of; nothing where it would be older than the story. */
export function convertedLead(scope: SeedScope, conversion: Conversion): SeedRecord[] {
  const { random, calendar } = scope
  const created = calendar.atWork(random, conversion.at - between(random, 2, 55) * DAY)
  if (created < calendar.start || created >= conversion.at) return []
  const { n, id } = scope.next('Lead')
  const fields = {
    ...leadFields(scope, conversion.person, conversion.company, n, conversion.place),
    Industry: conversion.industry,
    LeadSource: conversion.source,
    Status: 'Closed - Converted',
    OwnerId: ownerId(conversion.by),
    IsConverted: true,
    ConvertedDate: dayOf(conversion.at),
    ConvertedAccountId: conversion.accountId,
    ConvertedContactId: conversion.contactId,
    ...(conversion.opportunityId === null
      ? {}
      : { ConvertedOpportunityId: conversion.opportunityId }),
  }
  const lead = seedRecord('Lead', n, fields, {
    created,
    modified: conversion.at,
    createdBy: conversion.by.n,
  })
  const member = memberOf(scope, lead, id, { LeadId: id, ContactId: conversion.contactId })
  return member === null ? [lead] : [lead, member]
}

/** A lead that was not converted: lost, being worked on, or not looked at yet. */
export function openLead(scope: SeedScope): SeedRecord[] {
  const { random, calendar } = scope
  const created = calendar.moment(random)
  const owner = sellerAt(scope, created)
  const business = pick(random, LINES_OF_BUSINESS)
  const company = `${pick(random, COMPANY_STEMS)} ${business.suffix}`
  const source = sourceOf(random, 'lost')
  const { n, id } = scope.next('Lead')
  const firstCall = created + between(random, 0, 12) * DAY
  const givenUp = firstCall + between(random, 10, 90) * DAY
  const status =
    givenUp < calendar.end
      ? 'Closed - Not Converted'
      : firstCall < calendar.end
        ? 'Working - Contacted'
        : 'Open - Not Contacted'
  const modified = givenUp < calendar.end ? givenUp : firstCall < calendar.end ? firstCall : created
  const fields: RecordFields = {
    ...leadFields(scope, makePerson(scope, company), company, n, pick(random, PLACES)),
    Industry: business.industry,
    LeadSource: source.name,
    Status: status,
    OwnerId: ownerId(owner),
    IsConverted: false,
    IsUnreadByOwner: status === 'Open - Not Contacted',
  }
  if (status === 'Closed - Not Converted') fields['Description'] = pick(random, LOSS_REASONS)
  const lead = seedRecord('Lead', n, fields, {
    created,
    modified: Math.max(created, modified),
    createdBy: owner.n,
  })
  const member = memberOf(scope, lead, id, { LeadId: id })
  return member === null ? [lead] : [lead, member]
}

/** Puts a person into a campaign that ran when he or she came, more often than not. */
export function memberOf(
  scope: SeedScope,
  person: SeedRecord,
  personId: string,
  links: { readonly LeadId?: string; readonly ContactId?: string },
  company = person.fields['Company'],
): SeedRecord | null {
  const campaign = chance(scope.random, 0.6) ? campaignAt(scope, person.created) : null
  if (campaign === null) return null
  const { random } = scope
  const responded = chance(random, 0.35)
  const at = Math.min(person.created + between(random, 0, 10) * DAY, scope.calendar.end - 60_000)
  const { fields } = person
  const place = person.object === 'Lead' ? '' : 'Mailing'
  const isLead = links.LeadId !== undefined
  const shownId = links.ContactId ?? personId
  countMember(campaign, isLead, links.ContactId !== undefined, responded)
  return seedRecord(
    'CampaignMember',
    scope.next('CampaignMember').n,
    {
      CampaignId: campaign.id,
      ...links,
      Status: responded ? 'Responded' : 'Sent',
      HasResponded: responded,
      FirstRespondedDate: responded ? dayOf(at) : null,
      Name: fields['Name'],
      FirstName: fields['FirstName'],
      LastName: fields['LastName'],
      Title: fields['Title'],
      Email: fields['Email'],
      LeadSource: fields['LeadSource'],
      City: fields[`${place}City`],
      State: fields[`${place}State`],
      PostalCode: fields[`${place}PostalCode`],
      Country: fields[`${place}Country`],
      CompanyOrAccount: company,
      Type: links.ContactId === undefined ? 'Lead' : 'Contact',
      LeadOrContactId: shownId,
      LeadOrContactOwnerId: fields['OwnerId'],
    },
    { created: at, modified: at, createdBy: person.createdBy },
  )
}

function countMember(
  campaign: RunningCampaign,
  isLead: boolean,
  isContact: boolean,
  responded: boolean,
): void {
  if (isLead) countIn(campaign, 'NumberOfLeads', 1)
  if (isLead && isContact) countIn(campaign, 'NumberOfConvertedLeads', 1)
  if (isContact && !isLead) countIn(campaign, 'NumberOfContacts', 1)
  if (responded) countIn(campaign, 'NumberOfResponses', 1)
}
