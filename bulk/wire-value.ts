import type { FieldDescribe } from '../contracts/metadata.ts'
import { canonicalDecimal } from './decimal-form.ts'
import { canonicalId } from './salesforce-id.ts'
import { canonicalDate, canonicalDatetime, canonicalTime } from './time-form.ts'

/** What a cell holds on the wire to clear its field (datafiles_csv_sample_file). */
export const CLEARING_VALUE = '#N/A'

/**
 * A value in the form that Salesforce stores, where that surely means the same: text without surrounding blanks and
 * with LF line ends, moments in UTC with milliseconds, 18-character ids.
 * Whatever cannot be read passes unchanged, so that Salesforce judges it. Never makes a value blank: a blank cell
 * means something else on the wire.
 */
export function wireValue(value: string, field: FieldDescribe | null): string {
  if (field === null || value === '') return value
  const trimmed = trimBlanks(value)
  if (trimmed === '') return value
  switch (field.type) {
    case 'id':
    case 'reference':
      return canonicalShortId(trimmed) ?? value
    case 'datetime':
      return canonicalDatetime(trimmed) ?? value
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'multipicklist':
    case 'combobox':
      return unixLineEnds(trimmed)
    default:
      return value
  }
}

/**
 * One spelling for all forms in which a sent value may be echoed in a result file; only good for comparing, and
 * blank for `#N/A`. Unicode is deliberately not normalised: nothing says that Salesforce does, and folding would
 * let two different values pass for one.
 */
export function comparableValue(value: string, field: FieldDescribe | null): string {
  const text = trimBlanks(value)
  if (text === '' || text === CLEARING_VALUE) return ''
  switch (field?.type) {
    case 'id':
    case 'reference':
      return canonicalId(text) ?? text
    case 'boolean':
      return canonicalBoolean(text)
    case 'int':
    case 'long':
      return canonicalDecimal(text, 0) ?? text
    case 'double':
    case 'currency':
    case 'percent':
      return canonicalDecimal(text, field?.scale ?? 0) ?? text
    case 'date':
      return canonicalDate(text) ?? text
    case 'datetime':
      return canonicalDatetime(text) ?? text
    case 'time':
      return canonicalTime(text) ?? text
    case 'multipicklist':
      return text.split(';').map(trimBlanks).sort().join(';')
    default:
      return comparableText(text, field ?? null)
  }
}

/** Types whose values Salesforce echoes as they were sent, but for blanks and line ends. */
export function isStableField(field: FieldDescribe | null): boolean {
  switch (field?.type) {
    case 'id':
    case 'reference':
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
      return true
    default:
      return false
  }
}

/**
 * The one spelling of a record's key (id or external id): two rows with the same one write the same record.
 * Case is folded where the field does not regard it. Blank where there is no key.
 */
export function canonicalKey(value: string, field: FieldDescribe): string {
  const comparable = comparableValue(value, field)
  return isCaseFolded(field) ? comparable.toLowerCase() : comparable
}

function comparableText(text: string, field: FieldDescribe | null): string {
  // What the wire's UTF-8 cannot carry arrives as U+FFFD, so it is compared as that.
  const carried = unixLineEnds(text.isWellFormed() ? text : text.toWellFormed())
  return isTextCaseFolded(field) ? carried.toLowerCase() : carried
}

/** Whether two texts of the field that differ in case alone are compared as one. */
export function isTextCaseFolded(field: FieldDescribe | null): boolean {
  return field !== null && (field.externalId || field.idLookup) && isCaseFolded(field)
}

/** Ids tell capitals apart in their own way; of the other types only text has case. */
function isCaseFolded(field: FieldDescribe): boolean {
  return !field.caseSensitive && field.type !== 'id' && field.type !== 'reference'
}

function canonicalBoolean(text: string): string {
  const word = text.toLowerCase()
  if (word === '1') return 'true'
  if (word === '0') return 'false'
  return word
}

/** Only short ids are rewritten: a long one that lost its case is for Salesforce to judge. */
function canonicalShortId(text: string): string | null {
  return text.length === 15 ? canonicalId(text) : null
}

function unixLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
}

/** Without leading and trailing ASCII blanks. Other Unicode spaces stay: Salesforce is not known to trim them. */
export function trimBlanks(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return start === 0 && end === value.length ? value : value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}
