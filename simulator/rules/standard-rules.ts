import { accountRules } from './account-rules.ts'
import { campaignMemberRules } from './campaign-member-rules.ts'
import { keepOpportunityCounts } from './campaign-statistics.ts'
import { caseRules } from './case-rules.ts'
import { eventRules } from './event-rules.ts'
import { leadRules } from './lead-rules.ts'
import { lineItemRules } from './line-item-rules.ts'
import type { ObjectRules, RuleBook } from './object-rules.ts'
import { opportunityRules } from './opportunity-rules.ts'
import { pricebookEntryRules } from './pricebook-entry-rules.ts'
import { taskRules } from './task-rules.ts'
import { userRules } from './user-rules.ts'

const NONE: readonly ObjectRules[] = []

const RULES = new Map<string, readonly ObjectRules[]>([
  ['Account', [accountRules]],
  ['CampaignMember', [campaignMemberRules]],
  ['Case', [caseRules]],
  ['Event', [eventRules]],
  ['Lead', [leadRules]],
  ['Opportunity', [opportunityRules, { saved: keepOpportunityCounts }]],
  ['OpportunityLineItem', [lineItemRules]],
  ['PricebookEntry', [pricebookEntryRules]],
  ['Task', [taskRules]],
  ['User', [userRules]],
])

/** The rules that every org keeps. */
export const standardRules: RuleBook = (object) => RULES.get(object.name) ?? NONE
