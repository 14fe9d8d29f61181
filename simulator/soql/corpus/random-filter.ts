import type { Draw } from './data/draw.ts'
import type { AccountRow, CustomRow } from './data/rows.ts'
import { compare } from './semantics.ts'

/** A row with the account it belongs to. */
export interface Subject {
  readonly row: CustomRow
  readonly account: AccountRow | null
}

/** A condition as SOQL and as plain code. */
export interface Filter {
  readonly soql: string
  keeps(subject: Subject): boolean
}

type Value = string | number | boolean
type Read = (subject: Subject) => Value | null

/** A field, the values it is worth asking for, and how SOQL writes them. */
interface Field {
  readonly name: string
  readonly of: Read
  readonly values: readonly Value[]
  readonly kind: 'text' | 'plain' | 'checkbox'
}

const FIELDS: readonly Field[] = [
  { name: 'Text__c', of: ({ row }) => row.Text__c, values: ['ALPHA', 'beta', 'c'], kind: 'text' },
  { name: 'Status__c', of: ({ row }) => row.Status__c, values: ['new', 'Closed'], kind: 'text' },
  { name: 'Email__c', of: ({ row }) => row.Email__c, values: ['B@example.COM'], kind: 'text' },
  { name: 'Number__c', of: ({ row }) => row.Number__c, values: [0, 1, -7.25, 50], kind: 'plain' },
  { name: 'Currency__c', of: ({ row }) => row.Currency__c, values: [0, 500.5], kind: 'plain' },
  { name: 'Percent__c', of: ({ row }) => row.Percent__c, values: [10, 66.6], kind: 'plain' },
  {
    name: 'Date__c',
    of: ({ row }) => row.Date__c,
    values: ['2024-02-29', '2024-01-01'],
    kind: 'plain',
  },
  {
    name: 'Datetime__c',
    of: ({ row }) => row.Datetime__c,
    values: ['2024-02-29T23:59:59.000Z', '2024-03-01T00:00:00.000Z'],
    kind: 'plain',
  },
  {
    name: 'Checkbox__c',
    of: ({ row }) => row.Checkbox__c,
    values: [true, false],
    kind: 'checkbox',
  },
  {
    name: 'Account__r.Rating',
    of: ({ account }) => account?.Rating ?? null,
    values: ['hot', 'Cold'],
    kind: 'text',
  },
  {
    name: 'Account__r.AnnualRevenue',
    of: ({ account }) => account?.AnnualRevenue ?? null,
    values: [0, 400_000],
    kind: 'plain',
  },
  {
    name: 'Account__r.Active__c',
    of: ({ account }) => account?.Active__c ?? false,
    values: [true, false],
    kind: 'checkbox',
  },
]

/** What an operator says of two values that are both there. */
const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const written = (field: Field, value: Value | null): string =>
  field.kind === 'text' && value !== null ? `'${value}'` : String(value)

/** No value equals null alone; a checkbox without a value is not set. */
function equals(field: Field, left: Value | null, right: Value | null): boolean {
  const a = field.kind === 'checkbox' ? left === true : left
  const b = field.kind === 'checkbox' ? right === true : right
  return a === null || b === null ? a === b : compare(a, b) === 0
}

function comparison(draw: Draw): Filter {
  const field = draw.of(FIELDS)
  const value = draw.chance(0.2) ? null : draw.of(field.values)
  const isOrdered = field.kind !== 'checkbox' && value !== null && draw.chance(0.4)
  if (isOrdered) {
    const operator = draw.of(Object.keys(ORDERS))
    const says = ORDERS[operator]
    return {
      soql: `${field.name} ${operator} ${written(field, value)}`,
      keeps(subject) {
        const found = field.of(subject)
        return found !== null && says?.(compare(found, value)) === true
      },
    }
  }
  const isNot = draw.chance(0.5)
  return {
    soql: `${field.name} ${isNot ? '!=' : '='} ${written(field, value)}`,
    keeps: (subject) => equals(field, field.of(subject), value) !== isNot,
  }
}

function membership(draw: Draw): Filter {
  const field = draw.of(FIELDS.filter((each) => each.kind !== 'checkbox'))
  const values = field.values.filter(() => draw.chance(0.7))
  const listed: (Value | null)[] = values.length === 0 ? [...field.values] : values
  if (draw.chance(0.3)) listed.push(null)
  const isNot = draw.chance(0.5)
  return {
    soql: `${field.name} ${isNot ? 'NOT IN' : 'IN'} (${listed.map((value) => written(field, value)).join(', ')})`,
    keeps: (subject) => listed.some((value) => equals(field, field.of(subject), value)) !== isNot,
  }
}

/** A condition of comparisons under AND, OR and NOT, at most this deep, with all brackets. */
export function drawFilter(draw: Draw, depth: number): Filter {
  if (depth === 0 || draw.chance(0.2)) {
    return draw.chance(0.7) ? comparison(draw) : membership(draw)
  }
  if (draw.chance(0.25)) {
    const inner = drawFilter(draw, depth - 1)
    return { soql: `(NOT (${inner.soql}))`, keeps: (subject) => !inner.keeps(subject) }
  }
  const parts = Array.from({ length: draw.whole(2, 3) }, () => drawFilter(draw, depth - 1))
  const isAnd = draw.chance(0.5)
  return {
    soql: `(${parts.map((part) => part.soql).join(isAnd ? ' AND ' : ' OR ')})`,
    keeps: (subject) =>
      isAnd
        ? parts.every((part) => part.keeps(subject))
        : parts.some((part) => part.keeps(subject)),
  }
}
