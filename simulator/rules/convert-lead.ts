import { keyPrefixOf, makeId } from '../ids.ts'
import { LEAD_STATUSES } from '../schema/lead-statuses.ts'
import type { RecordFields, StoredRecord } from '../store/record-store.ts'
import type { WriteResult } from '../store/record-writer.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { RuleScope, WriteContext } from './object-rules.ts'
import { childrenOf, needed, related } from './related-record.ts'
import { setValue, textIn } from './set-value.ts'

/** How a lead is converted, as in the API's call of that name. */
export interface LeadConversion {
  readonly leadId: string
  /** An account or a contact to use; new ones are made where there is none. */
  readonly accountId?: string | undefined
  readonly contactId?: string | undefined
  readonly opportunityName?: string | undefined
  readonly doNotCreateOpportunity?: boolean | undefined
  readonly convertedStatus?: string | undefined
  readonly ownerId?: string | undefined
  readonly overwriteLeadSource?: boolean | undefined
}

export interface ConvertedLead {
  readonly leadId: string
  readonly accountId: string
  readonly contactId: string
  readonly opportunityId: string | null
}

/** Carries a refusal of one of the records out; the transaction around undoes the others. */
class ConversionRefused extends Error {
  override name = 'ConversionRefused'
  readonly error: RowError
  constructor(error: RowError) {
    super(error.message)
    this.error = error
  }
}

/** Makes an account, a contact and an opportunity of a lead. Must run inside a savepoint. */
export function convertLead(
  scope: RuleScope,
  conversion: LeadConversion,
  context: WriteContext,
): ConvertedLead {
  const lead = findLead(scope, conversion)
  const status = convertedStatus(conversion)
  const ownerId = conversion.ownerId ?? textIn(lead.fields, 'OwnerId')
  const account = conversion.accountId ?? null
  if (conversion.contactId !== undefined) checkContact(scope, conversion.contactId, account)
  const accountId = upsert(scope, 'Account', account, accountOf(lead.fields, ownerId), context)
  const person = { ...contactOf(lead.fields, ownerId), AccountId: accountId }
  const source = conversion.overwriteLeadSource === true ? ['LeadSource'] : []
  const contactId = upsert(scope, 'Contact', conversion.contactId ?? null, person, context, source)
  const opportunityId =
    conversion.doNotCreateOpportunity === true
      ? null
      : upsert(
          scope,
          'Opportunity',
          null,
          opportunityOf(scope, conversion, lead.fields, ownerId, accountId, context),
          context,
        )
  finish(scope, conversion.leadId, status, { accountId, contactId, opportunityId }, context)
  moveChildren(scope, conversion.leadId, contactId, opportunityId ?? accountId, context)
  return { leadId: conversion.leadId, accountId, contactId, opportunityId }
}

/** Why a conversion was refused; throws what is no refusal. */
export function conversionRefusal(error: unknown): RowError {
  if (error instanceof ConversionRefused) return error.error
  throw error
}

function refuse(code: string, message: string, ...fields: string[]): never {
  throw new ConversionRefused(rowError(code, message, ...fields))
}

function accept(result: WriteResult): string {
  if (result.ok) return result.id
  throw new ConversionRefused(result.error)
}

function findLead(scope: RuleScope, { leadId }: LeadConversion): StoredRecord {
  const object = needed(scope, 'Lead')
  const lead = keyPrefixOf(leadId) === object.keyPrefix ? scope.store.get(object, leadId) : null
  if (lead === null) refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'LeadId')
  if (lead.deleted) refuse('ENTITY_IS_DELETED', 'entity is deleted', 'LeadId')
  if (lead.fields['IsConverted'] === true) {
    refuse('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', 'LeadId')
  }
  return lead
}

function convertedStatus(conversion: LeadConversion): string {
  const known = LEAD_STATUSES.filter((status) => status.converted).map((status) => status.name)
  const asked = conversion.convertedStatus ?? known[0] ?? ''
  if (!known.includes(asked)) {
    refuse('INVALID_STATUS', `invalid convertedStatus: ${asked}`, 'ConvertedStatus')
  }
  return asked
}

function checkContact(scope: RuleScope, contactId: string, accountId: string | null): void {
  if (accountId === null) {
    refuse('REQUIRED_FIELD_MISSING', 'accountId is required when contactId is given', 'AccountId')
  }
  const contact = related(scope, { contactId }, 'contactId')
  if (contact?.object.name !== 'Contact' || contact.fields['AccountId'] !== accountId) {
    refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'ContactId')
  }
}

/** Makes a record, or fills what an existing one has empty. */
function upsert(
  scope: RuleScope,
  name: string,
  id: string | null,
  values: RecordFields,
  context: WriteContext,
  overwritten: readonly string[] = [],
): string {
  const object = needed(scope, name)
  if (id === null) return accept(scope.writer.insert(object, values, ruled(context)))
  const existing = related(scope, { id }, 'id')
  if (existing?.object.name !== name) {
    refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', `${name}Id`)
  }
  const missing = Object.entries(values).filter(
    ([field]) => (existing.fields[field] ?? null) === null || overwritten.includes(field),
  )
  return accept(
    scope.writer.update(object, existing.id, Object.fromEntries(missing), ruled(context)),
  )
}

/** New records obey the rules that administrators set, as anybody's do. */
function ruled(context: WriteContext): WriteContext {
  return { ...context, source: 'rest' }
}

function copied(
  lead: Readonly<RecordFields>,
  pairs: readonly (readonly [from: string, to: string])[],
): RecordFields {
  const values: RecordFields = {}
  for (const [from, to] of pairs) {
    const value = lead[from]
    if (value !== undefined && value !== null) values[to] = value
  }
  return values
}

const same = (...names: string[]) => names.map((name) => [name, name] as const)
const place = (prefix: string) =>
  ['Street', 'City', 'State', 'PostalCode', 'Country'].map(
    (part) => [part, `${prefix}${part}`] as const,
  )

function accountOf(lead: Readonly<RecordFields>, ownerId: string | null): RecordFields {
  const values = copied(lead, [
    ['Company', 'Name'],
    ...place('Billing'),
    ...same('Phone', 'Fax', 'Website', 'Industry', 'Rating', 'AnnualRevenue', 'NumberOfEmployees'),
    ['LeadSource', 'AccountSource'],
  ])
  if (ownerId !== null) values['OwnerId'] = ownerId
  return values
}

function contactOf(lead: Readonly<RecordFields>, ownerId: string | null): RecordFields {
  const values = copied(lead, [
    ...same('Salutation', 'FirstName', 'LastName', 'Title', 'Email', 'Phone', 'MobilePhone', 'Fax'),
    ...same('LeadSource', 'Description'),
    ...place('Mailing'),
  ])
  if (ownerId !== null) values['OwnerId'] = ownerId
  return values
}

function opportunityOf(
  scope: RuleScope,
  conversion: LeadConversion,
  lead: Readonly<RecordFields>,
  ownerId: string | null,
  accountId: string,
  context: WriteContext,
): RecordFields {
  const values = copied(lead, same('LeadSource', 'Description'))
  values['Name'] = conversion.opportunityName ?? `${String(lead['Company'])}-`.slice(0, 120)
  values['AccountId'] = accountId
  values['StageName'] = 'Prospecting'
  values['CloseDate'] = endOfQuarter(context.stamp.at)
  if (ownerId !== null) values['OwnerId'] = ownerId
  const members = childrenOf(scope, 'CampaignMember', 'LeadId', conversion.leadId)
  setValue(values, 'CampaignId', members.at(-1)?.fields['CampaignId'])
  return values
}

function endOfQuarter(at: number): string {
  const day = new Date(at)
  const month = Math.floor(day.getUTCMonth() / 3) * 3 + 3
  return new Date(Date.UTC(day.getUTCFullYear(), month, 0)).toISOString().slice(0, 10)
}

function finish(
  scope: RuleScope,
  leadId: string,
  status: string,
  made: Omit<ConvertedLead, 'leadId'>,
  context: WriteContext,
): void {
  const values: RecordFields = {
    Status: status,
    IsConverted: true,
    ConvertedDate: new Date(context.stamp.at).toISOString().slice(0, 10),
    ConvertedAccountId: made.accountId,
    ConvertedContactId: made.contactId,
    IsUnreadByOwner: false,
  }
  if (made.opportunityId !== null) values['ConvertedOpportunityId'] = made.opportunityId
  const byOrg: WriteContext = { ...context, source: 'org' }
  accept(scope.writer.update(needed(scope, 'Lead'), leadId, values, byOrg))
}

/** What belonged to the lead goes on with its contact. */
function moveChildren(
  scope: RuleScope,
  leadId: string,
  contactId: string,
  whatId: string,
  context: WriteContext,
): void {
  const byOrg: WriteContext = { ...context, source: 'org' }
  for (const name of ['Task', 'Event']) {
    const object = needed(scope, name)
    for (const { n } of childrenOf(scope, name, 'WhoId', leadId)) {
      const values = { WhoId: contactId, WhatId: whatId }
      accept(scope.writer.update(object, makeId(object.keyPrefix, n), values, byOrg))
    }
  }
  const object = needed(scope, 'CampaignMember')
  for (const { n } of childrenOf(scope, 'CampaignMember', 'LeadId', leadId)) {
    const id = makeId(object.keyPrefix, n)
    accept(scope.writer.update(object, id, { ContactId: contactId }, byOrg))
  }
}
