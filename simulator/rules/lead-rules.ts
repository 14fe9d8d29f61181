import { rowError } from '../values/row-error.ts'
import type { ObjectRules } from './object-rules.ts'

/** A converted lead is a record of what was: nobody changes it. */
export const leadRules: ObjectRules = {
  derive({ before, context }) {
    if (before?.['IsConverted'] !== true || context.source === 'org') return null
    return rowError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')
  },
}
