import type { FieldDescribe } from '../contracts/metadata.ts'
import type { LiteralKind } from './statement.ts'

/** How the values of a field are compared and written. */
export type FieldKind =
  | 'text'
  | 'id'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'time'
  | 'choices'
  | 'compound'
  | 'opaque'

/** Longer text areas cannot be filtered or ordered by. */
const LONGEST_FILTERED = 255

export function fieldKind({ type, length }: FieldDescribe): FieldKind {
  switch (type) {
    case 'id':
    case 'reference':
      return 'id'
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return 'number'
    case 'boolean':
    case 'date':
    case 'datetime':
    case 'time':
      return type
    case 'multipicklist':
      return 'choices'
    case 'address':
    case 'location':
      return 'compound'
    case 'base64':
    case 'encryptedstring':
    case 'complexvalue':
    case 'json':
      return 'opaque'
    case 'textarea':
      return length > LONGEST_FILTERED ? 'opaque' : 'text'
    default:
      // string, picklist, combobox, phone, email, url, anyType and whatever comes: Salesforce judges the rest.
      return 'text'
  }
}

interface KindRules {
  readonly literals: readonly LiteralKind[]
  /** What is asked for in messages. */
  readonly form: string
  readonly isOrdered: boolean
  readonly takesLike: boolean
  readonly takesIn: boolean
  readonly takesIncludes: boolean
}

const QUOTED = "text in quotes, as 'Acme'"
const plain = { isOrdered: true, takesLike: false, takesIn: true, takesIncludes: false }

/** What each kind can be compared with, and how; null where it cannot stand in a condition. */
export const KIND_RULES: Readonly<Record<FieldKind, KindRules | null>> = {
  text: { ...plain, literals: ['string'], form: QUOTED, takesLike: true },
  id: { ...plain, literals: ['string'], form: "an id in quotes, as '001000000000001AAA'" },
  number: { ...plain, literals: ['number'], form: 'a number without quotes, as 12.5' },
  boolean: { ...plain, literals: ['boolean'], form: 'TRUE or FALSE', isOrdered: false },
  date: {
    ...plain,
    literals: ['date', 'period'],
    form: 'a date without quotes, as 2026-11-26, or a date literal, as LAST_N_DAYS:7',
  },
  datetime: {
    ...plain,
    literals: ['datetime', 'period'],
    form: 'a dateTime with its zone and without quotes, as 2026-11-26T00:00:00Z, or a date literal, as LAST_N_DAYS:7',
  },
  time: { ...plain, literals: ['time'], form: 'a time without quotes, as 08:00:00Z' },
  choices: {
    ...{ literals: ['string'], form: "text in quotes, as 'A;B'", isOrdered: false },
    ...{ takesLike: false, takesIn: false, takesIncludes: true },
  },
  compound: null,
  opaque: null,
}

/** Whether records can be ordered by it. */
export function isSortable(kind: FieldKind): boolean {
  return kind !== 'choices' && kind !== 'compound' && kind !== 'opaque'
}
