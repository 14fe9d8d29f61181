import type { MirrorObject } from '../../contracts/mirror.ts'
import type { MirrorRow } from '../../db/mirror-rows.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'

/** A record as it goes into its table; Postgres reads numbers and times from the text that Salesforce wrote. */
export function toMirrorRow(
  object: MirrorObject,
  record: Readonly<Record<string, unknown>>,
): MirrorRow {
  const row: Record<string, string | number | boolean | null> = { id: idOf(record) }
  for (const { column, field, type } of MIRROR_TABLES[object].columns) {
    const value = plain(record[field])
    // A Bulk query writes no value as an empty cell, a REST query writes null; text is never empty in Salesforce.
    row[column] = value === '' ? null : type === 'int4' ? wholeNumber(value) : value
  }
  return row
}

/** @throws Error where Salesforce left the Id out: nothing could be done with the record. */
export function idOf(record: Readonly<Record<string, unknown>>): string {
  const id = record['Id']
  if (typeof id === 'string' && id !== '') return id
  throw new Error('Salesforce gave a record without its Id.')
}

/** @throws Error where it is missing: pages could not go on from there. */
export function modstampOf(record: Readonly<Record<string, unknown>>): Date {
  const text = record['SystemModstamp']
  const at = new Date(String(text).replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  if (!Number.isNaN(at.getTime())) return at
  throw new Error('Salesforce gave a record without its SystemModstamp.')
}

function plain(value: unknown): string | number | boolean | null {
  switch (typeof value) {
    case 'string':
      // What Postgres cannot hold in jsonb.
      return value.replaceAll('\u0000', '').toWellFormed()
    case 'number':
    case 'boolean':
      return value
    default:
      return null
  }
}

/** Bulk writes the number 5 of an integer field as `5` or `5.0`. */
function wholeNumber(value: string | number | boolean | null): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return null
  const number = Number(value)
  return Number.isFinite(number) ? Math.round(number) : null
}
