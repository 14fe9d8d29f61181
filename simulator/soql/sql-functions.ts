import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { keyPrefixOf, recordNumber } from '../ids.ts'
import { datePart, isDateFunction } from './date-part.ts'

const registered = new WeakSet<DatabaseSync>()

/** Makes the functions that the SQL of queries calls known to a connection, once. */
export function registerSqlFunctions(database: DatabaseSync): void {
  if (registered.has(database)) return
  registered.add(database)
  const pure = { deterministic: true } as const
  // SQLite itself knows upper and lower case in ASCII alone.
  database.function('soql_fold', pure, (text) => (text === null ? null : foldCase(String(text))))
  database.function('soql_upper', pure, (text) =>
    text === null ? null : String(text).toUpperCase(),
  )
  database.function('soql_rank', pure, (text, list) =>
    text === null ? null : picklistRank(String(text), String(list)),
  )
  database.function('soql_id_number', pure, (prefix, id) =>
    id === null || keyPrefixOf(String(id)) !== prefix ? null : recordNumber(String(id)),
  )
  database.function('soql_includes', pure, (value, choices) =>
    value === null ? null : includesAny(String(value), String(choices)) ? 1 : 0,
  )
  database.function('soql_date_part', pure, (name, value, zone, start, namedByStart) => {
    if (value === null || typeof name !== 'string' || !isDateFunction(name)) return null
    const stored = typeof value === 'string' ? value : Number(value)
    const fiscal = { start: Number(start), namedByStart: namedByStart === 1 }
    return datePart(name, stored, String(zone), fiscal)
  })
  registerChoice(database, 'soql_least', (key, best) => key < best)
  registerChoice(database, 'soql_greatest', (key, best) => key > best)
}

/**
 * Text as it is compared: without case, beyond ASCII too. Letter by letter and never longer than
 * before, so that a pattern matches what it matched with case.
 */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toUpperCase()
  let folded = ''
  for (const letter of text) folded += foldLetter(letter)
  return folded
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false
  return true
}

function foldLetter(letter: string): string {
  const lower = letter.toLowerCase()
  const single = lower.length === letter.length ? lower : letter
  const upper = single.toUpperCase()
  return upper.length === single.length ? upper : single
}

interface Choice {
  key: string | number | null
  value: SQLInputValue
}

/** An aggregate of a key and a value: the value that stands beside the least or greatest key. */
function registerChoice(
  database: DatabaseSync,
  name: string,
  isBetter: (key: string | number, best: string | number) => boolean,
): void {
  const step = (choice: Choice, key?: SQLOutputValue, value?: SQLOutputValue): Choice => {
    if (typeof key !== 'string' && typeof key !== 'number') return choice
    if (choice.key !== null && !isBetter(key, choice.key)) return choice
    return { key, value: value ?? null }
  }
  database.aggregate(name, {
    // The declared types know plain SQL values only; Node hands over whatever `start` gives.
    start: (() => ({ key: null, value: null })) as never,
    step: step as never,
    result: ((choice: Choice) => choice.value) as never,
  })
}

const ranks = new Map<string, ReadonlyMap<string, number>>()

/** A key that sorts picklist values as the picklist does, values that it does not list behind them. */
function picklistRank(text: string, list: string): string {
  let places = ranks.get(list)
  if (places === undefined) {
    // The list is written by this engine, from the field's definition.
    const values = JSON.parse(list) as string[]
    places = new Map(values.map((value, place) => [foldCase(value), place]))
    ranks.set(list, places)
  }
  const place = places.get(foldCase(text))
  return place === undefined ? `~${text.toUpperCase()}` : String(place).padStart(6, '0')
}

const choiceLists = new Map<string, readonly (readonly string[])[]>()

/** Whether all parts of one of the choices are chosen: `[["a","b"],["c"]]` is (a and b) or c. */
function includesAny(value: string, choices: string): boolean {
  let parsed = choiceLists.get(choices)
  if (parsed === undefined) {
    // Queries are many, their lists short-lived.
    if (choiceLists.size > 1_000) choiceLists.clear()
    // The list is written by this engine, from the literals of a query.
    parsed = JSON.parse(choices) as string[][]
    choiceLists.set(choices, parsed)
  }
  const chosen = new Set(foldCase(value).split(';'))
  return parsed.some((parts) => parts.every((part) => chosen.has(part)))
}
