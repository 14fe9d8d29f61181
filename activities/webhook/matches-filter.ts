import type { EventFilter } from '../../contracts/subscription.ts'

/** What a filter sees of an event. */
export interface FilteredEvent {
  readonly changedFields: readonly string[]
  /** The record as it came; null where none did. Asked for only where a filter looks into it. */
  record(): Readonly<Record<string, unknown>> | null
}

type Scalar = string | number | boolean | null

/**
 * Whether a filter takes an event. It sees only what the event carries: a field that is not there equals nothing, not
 * even null. Names differ in nothing but case, as Salesforce's do; text is compared letter by letter.
 */
export function matchesFilter(filter: EventFilter | null, event: FilteredEvent): boolean {
  if (filter === null) return true
  const { changed_fields: wanted, equals } = filter
  if (wanted !== undefined && wanted.length > 0 && !anyChanged(wanted, event.changedFields)) {
    return false
  }
  const comparisons = Object.entries(equals ?? {})
  if (comparisons.length === 0) return true
  const record = event.record()
  if (record === null) return false
  return comparisons.every(([path, value]) => isSame(value, valueAt(record, path)))
}

function anyChanged(wanted: readonly string[], changed: readonly string[]): boolean {
  const names = new Set(changed.map((name) => name.toLowerCase()))
  return wanted.some((name) => names.has(name.toLowerCase()))
}

/** Undefined where the record does not carry it. `Owner.Name` may stand in it as such, or as a record in a record. */
function valueAt(record: Readonly<Record<string, unknown>>, path: string): unknown {
  const whole = fieldOf(record, path)
  if (whole !== undefined) return whole
  let at: unknown = record
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    // An object that is no array, as just looked at.
    at = fieldOf(at as Readonly<Record<string, unknown>>, name)
  }
  return at
}

function fieldOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name]
  const small = name.toLowerCase()
  const found = Object.keys(record).find((key) => key.toLowerCase() === small)
  return found === undefined ? undefined : record[found]
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** Outbound messages carry every value as text: `1.0` and `true` are then the number and the word that they spell. */
function isSame(wanted: Scalar, found: unknown): boolean {
  if (typeof wanted === 'number' && typeof found === 'string') {
    return NUMBER.test(found) && Number(found) === wanted
  }
  if (typeof wanted === 'boolean' && typeof found === 'string') return found === String(wanted)
  return wanted === found
}
