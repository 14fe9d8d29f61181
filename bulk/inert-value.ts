import type { FieldDescribe } from '../contracts/metadata.ts'
import { canonicalDecimal } from './decimal-form.ts'
import { canonicalId } from './salesforce-id.ts'

/** Plain characters and single spaces: nothing that an escaping, a cleaning or a change of encoding would touch. */
const PLAIN_TEXT = /^[A-Za-z0-9](?: ?[A-Za-z0-9.,:@_/#()-])*$/
const PLAIN_WORD = /^[A-Za-z](?: ?[A-Za-z0-9.,:@_/#()-])*$/
const WHOLE_NUMBER = /^[1-9]\d{0,14}$/
/** More digits than a double keeps may come back changed. */
const SHORT_NUMBER = /^-?[\d.]{1,16}$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const WHOLE_SECOND = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/

/**
 * Whether Salesforce surely echoes `sent` as its comparable form and as nothing else. Such a value can be trusted by
 * itself when results are tied, even where other values of its column come back rewritten in ways that are not known.
 */
export function isInertValue(
  sent: string,
  comparable: string,
  field: FieldDescribe | null,
): boolean {
  switch (field?.type) {
    case undefined:
      // Of an unknown type: it must stay what it is as text, as a number and as a moment.
      return PLAIN_WORD.test(comparable) || WHOLE_NUMBER.test(comparable)
    case 'id':
    case 'reference':
      return canonicalId(comparable) !== null
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
      return PLAIN_TEXT.test(comparable)
    case 'boolean':
      return comparable === 'true' || comparable === 'false'
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return SHORT_NUMBER.test(comparable) && !isRounded(sent, comparable)
    case 'date':
      return DAY.test(comparable) && sent.trim() === comparable
    case 'datetime':
      return WHOLE_SECOND.test(comparable)
    default:
      return false
  }
}

/** Which way Salesforce rounds is not known, so a value that needs it may be echoed as its neighbour. */
function isRounded(sent: string, comparable: string): boolean {
  return sent !== comparable && canonicalDecimal(sent.trim(), 1000) !== comparable
}
