import { makeId } from '../ids.ts'
import { shownName } from '../store/cascade.ts'
import { rowError } from '../values/row-error.ts'
import type { ObjectRules } from './object-rules.ts'
import { childrenOf } from './related-record.ts'

/** An account with won deals stays: its opportunities would go with it. */
export const accountRules: ObjectRules = {
  removable(object, record, scope) {
    const id = makeId(object.keyPrefix, record.n)
    const won = childrenOf(scope, 'Opportunity', 'AccountId', id).filter(
      (opportunity) => opportunity.fields['IsWon'] === true,
    )
    if (won.length === 0) return null
    const name = shownName(object, record)
    const names = won.map((opportunity) => String(opportunity.fields['Name'])).join(', ')
    return rowError(
      'DELETE_FAILED',
      `Your attempt to delete ${name} could not be completed because some opportunities in ${name} were closed won. The opportunities are listed below.: ${names}`,
    )
  },
}
