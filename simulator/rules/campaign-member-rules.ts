import { rowError } from '../values/row-error.ts'
import { keepMemberCounts } from './campaign-statistics.ts'
import type { ObjectRules } from './object-rules.ts'
import { childrenOf, related } from './related-record.ts'
import { setValue, textIn } from './set-value.ts'

/** What a member shows of its person, under the same name. */
const COPIED = [
  'Salutation',
  'Name',
  'FirstName',
  'LastName',
  'Title',
  'Email',
  'Phone',
  'LeadSource',
]
const PLACE = ['City', 'State', 'PostalCode', 'Country']

/** One person once a campaign; what describes the person is copied when the member is saved. */
export const campaignMemberRules: ObjectRules = {
  derive({ kind, after, context }, scope) {
    const lookup = textIn(after, 'ContactId') === null ? 'LeadId' : 'ContactId'
    const personId = textIn(after, lookup)
    const campaignId = textIn(after, 'CampaignId')
    if (personId === null) {
      return rowError(
        'REQUIRED_FIELD_MISSING',
        'Required fields are missing: [LeadId, ContactId]',
        'LeadId',
        'ContactId',
      )
    }
    if (kind === 'created') {
      const twice = childrenOf(scope, 'CampaignMember', lookup, personId).some(
        (member) => member.fields['CampaignId'] === campaignId,
      )
      if (twice) return rowError('DUPLICATE_VALUE', 'Already a campaign member.')
    }
    const responded = after['Status'] === 'Responded'
    after['HasResponded'] = responded
    if (responded)
      after['FirstRespondedDate'] ??= new Date(context.stamp.at).toISOString().slice(0, 10)
    else delete after['FirstRespondedDate']
    const person = related(scope, after, lookup)
    if (person === null) return null
    const { fields } = person
    for (const name of COPIED) setValue(after, name, fields[name])
    const prefix = lookup === 'LeadId' ? '' : 'Mailing'
    for (const part of PLACE) setValue(after, part, fields[`${prefix}${part}`])
    const account = lookup === 'LeadId' ? null : related(scope, fields, 'AccountId')
    setValue(after, 'CompanyOrAccount', fields['Company'] ?? account?.fields['Name'])
    after['Type'] = person.object.name
    after['LeadOrContactId'] = personId
    setValue(after, 'LeadOrContactOwnerId', fields['OwnerId'])
    return null
  },
  saved: keepMemberCounts,
}
