import type { ObjectRules } from './object-rules.ts'
import { related } from './related-record.ts'
import { isChanged, setValue } from './set-value.ts'

/** What a case shows of its contact, as it was when the case was last saved. */
const OF_CONTACT = [
  ['ContactPhone', 'Phone'],
  ['ContactMobile', 'MobilePhone'],
  ['ContactEmail', 'Email'],
  ['ContactFax', 'Fax'],
] as const

/** Whether and when a case was closed, and the account of its contact. */
export const caseRules: ObjectRules = {
  derive({ before, after, context }, scope) {
    const closed = after['Status'] === 'Closed'
    if (before === null || isChanged(before, { IsClosed: closed }, 'IsClosed')) {
      const at = new Date(context.stamp.at).toISOString()
      setValue(after, 'ClosedDate', closed ? at : null)
    }
    after['IsClosed'] = closed
    const contact = related(scope, after, 'ContactId')
    if (before === null && (after['AccountId'] ?? null) === null) {
      setValue(after, 'AccountId', contact?.fields['AccountId'])
    }
    for (const [name, from] of OF_CONTACT) setValue(after, name, contact?.fields[from])
    return null
  },
}
