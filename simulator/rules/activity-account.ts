import { keyPrefixOf } from '../ids.ts'
import type { RecordFields } from '../store/record-store.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { RuleScope } from './object-rules.ts'
import { related } from './related-record.ts'
import { setValue, textIn } from './set-value.ts'

/** The account that a task or an event belongs to: of what it is about, or else of whom. */
export function deriveActivityAccount(after: RecordFields, scope: RuleScope): void {
  const what = related(scope, after, 'WhatId')
  const about = what?.object.name === 'Account' ? what.id : what?.fields['AccountId']
  const who = related(scope, after, 'WhoId')
  setValue(after, 'AccountId', about ?? who?.fields['AccountId'])
}

/** A lead stands for its company too: an activity with one is about nothing else. */
export function refusedParents(after: RecordFields, scope: RuleScope): RowError | null {
  const who = textIn(after, 'WhoId')
  const lead = scope.schema.object('Lead')
  if (who === null || textIn(after, 'WhatId') === null) return null
  if (keyPrefixOf(who) !== lead?.keyPrefix) return null
  return rowError(
    'FIELD_INTEGRITY_EXCEPTION',
    'Related To ID: must be empty when Name ID is a lead',
    'WhatId',
  )
}
