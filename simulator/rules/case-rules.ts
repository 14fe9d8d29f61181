import type { ObjectRules } from './object-rules.ts'
import { related } from './related-record.ts'
import { isChanged, setValue } from './set-value.ts'

/** Whether and when a case was closed, and the account of its contact. */
export const caseRules: ObjectRules = {
  derive({ before, after, context }, scope) {
    const closed = after['Status'] === 'Closed'
    if (before === null || isChanged(before, { IsClosed: closed }, 'IsClosed')) {
      const at = new Date(context.stamp.at).toISOString()
      setValue(after, 'ClosedDate', closed ? at : null)
    }
    after['IsClosed'] = closed
    if (before === null && (after['AccountId'] ?? null) === null) {
      setValue(after, 'AccountId', related(scope, after, 'ContactId')?.fields['AccountId'])
    }
    return null
  },
}
