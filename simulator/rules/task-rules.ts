import { deriveActivityAccount, refusedParents } from './activity-account.ts'
import { keepLastActivity } from './last-activity.ts'
import type { ObjectRules } from './object-rules.ts'
import { setValue } from './set-value.ts'

export const taskRules: ObjectRules = {
  derive({ before, after, context }, scope) {
    const refused = refusedParents(after, scope)
    if (refused !== null) return refused
    const closed = after['Status'] === 'Completed'
    if (before?.['IsClosed'] !== closed) {
      const at = new Date(context.stamp.at).toISOString()
      setValue(after, 'CompletedDateTime', closed ? at : null)
    }
    after['IsClosed'] = closed
    after['IsHighPriority'] = after['Priority'] === 'High'
    deriveActivityAccount(after, scope)
    return null
  },
  saved: keepLastActivity,
}
