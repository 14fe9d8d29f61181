import type { ObjectDefinition } from './field.ts'
import { account } from './objects/account.ts'
import { contact } from './objects/contact.ts'
import { customObject } from './objects/custom-object.ts'
import { lead } from './objects/lead.ts'
import { opportunity } from './objects/opportunity.ts'
import { user } from './objects/user.ts'

/** The objects of a new org, in the order in which describe lists them. */
export const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  account,
  contact,
  lead,
  opportunity,
  customObject,
  user,
]
