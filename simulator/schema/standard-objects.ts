import type { ObjectDefinition } from './field.ts'
import { account } from './objects/account.ts'
import { campaign } from './objects/campaign.ts'
import { campaignMember } from './objects/campaign-member.ts'
import { caseObject } from './objects/case.ts'
import { contact } from './objects/contact.ts'
import { customObject } from './objects/custom-object.ts'
import { event } from './objects/event.ts'
import { lead } from './objects/lead.ts'
import { leadStatus } from './objects/lead-status.ts'
import { opportunity } from './objects/opportunity.ts'
import { opportunityHistory } from './objects/opportunity-history.ts'
import { opportunityLineItem } from './objects/opportunity-line-item.ts'
import { opportunityStage } from './objects/opportunity-stage.ts'
import { organization } from './objects/organization.ts'
import { pricebook } from './objects/pricebook.ts'
import { pricebookEntry } from './objects/pricebook-entry.ts'
import { product } from './objects/product.ts'
import { profile } from './objects/profile.ts'
import { recordType } from './objects/record-type.ts'
import { task } from './objects/task.ts'
import { user } from './objects/user.ts'
import { userRole } from './objects/user-role.ts'

/** The objects of a new org, in the order in which describe lists them. */
export const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  account,
  contact,
  lead,
  opportunity,
  opportunityHistory,
  opportunityLineItem,
  product,
  pricebook,
  pricebookEntry,
  caseObject,
  task,
  event,
  campaign,
  campaignMember,
  customObject,
  user,
  userRole,
  profile,
  organization,
  recordType,
  leadStatus,
  opportunityStage,
]
