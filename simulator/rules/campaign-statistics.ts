import type { RecordFields } from '../store/record-store.ts'
import { roundHalfUp } from '../values/coerce-text.ts'
import type { RuleScope, SavedChange } from './object-rules.ts'
import { needed } from './related-record.ts'
import { numberIn, textIn } from './set-value.ts'

/** What one record adds to the statistics of its campaign. */
type Contribution = Readonly<Record<string, number>>

function ofMember(member: Readonly<RecordFields>): Contribution {
  const isContact = textIn(member, 'ContactId') !== null
  const isLead = textIn(member, 'LeadId') !== null
  return {
    NumberOfLeads: isLead ? 1 : 0,
    // A lead's member names the contact too once the lead is converted.
    NumberOfConvertedLeads: isLead && isContact ? 1 : 0,
    NumberOfContacts: isContact && !isLead ? 1 : 0,
    NumberOfResponses: member['HasResponded'] === true ? 1 : 0,
  }
}

function ofOpportunity(opportunity: Readonly<RecordFields>): Contribution {
  const amount = numberIn(opportunity, 'Amount') ?? 0
  const won = opportunity['IsWon'] === true
  return {
    NumberOfOpportunities: 1,
    NumberOfWonOpportunities: won ? 1 : 0,
    AmountAllOpportunities: amount,
    AmountWonOpportunities: won ? amount : 0,
  }
}

export function keepMemberCounts(change: SavedChange, scope: RuleScope): void {
  keep(change, scope, ofMember)
}

export function keepOpportunityCounts(change: SavedChange, scope: RuleScope): void {
  keep(change, scope, ofOpportunity)
}

function keep(
  change: SavedChange,
  scope: RuleScope,
  contribution: (fields: Readonly<RecordFields>) => Contribution,
): void {
  const { kind, before, after } = change
  if (before !== null && kind !== 'undeleted') add(scope, before, contribution(before), -1)
  if (kind !== 'deleted') add(scope, after, contribution(after), 1)
}

/** Statistics are nobody's change: the campaign's own modification date stays. */
function add(
  scope: RuleScope,
  fields: Readonly<RecordFields>,
  contribution: Contribution,
  sign: 1 | -1,
): void {
  const id = textIn(fields, 'CampaignId')
  if (id === null) return
  const campaign = needed(scope, 'Campaign')
  const record = scope.store.get(campaign, id)
  if (record === null) return
  const next: RecordFields = { ...record.fields }
  for (const [name, value] of Object.entries(contribution)) {
    next[name] = roundHalfUp((numberIn(next, name) ?? 0) + sign * value, 2)
  }
  scope.store.update(campaign, record.n, next, { at: record.modified, by: record.modifiedBy })
}
