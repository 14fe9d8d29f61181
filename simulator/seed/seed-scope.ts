import { makeId } from '../ids.ts'
import type { Schema } from '../schema/schema.ts'
import type { Random } from '../seeded-random.ts'
import type { RecordFields } from '../store/record-store.ts'
import { pick } from './chance.ts'
import { SOURCES } from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import type { SeedSize } from './seed-size.ts'
import type { WorkingCalendar } from './working-calendar.ts'

/** Somebody who sells: how well, how fast, and to whom he or she reports. */
export interface Seller {
  readonly n: number
  readonly id: string
  readonly managerN: number
  readonly skill: number
  /** Works no more, since a moment. */
  readonly left: number | null
}

/** Something that is sold. */
export interface CatalogueEntry {
  readonly productId: string
  readonly priceId: string
  readonly name: string
  readonly code: string
  readonly price: number
}

/** A campaign while the seed is made; its statistics grow with members and deals. */
export interface RunningCampaign {
  readonly id: string
  readonly n: number
  readonly start: number
  readonly end: number
  readonly fields: RecordFields
}

/** What all parts of a seed share. */
export interface SeedScope {
  readonly random: Random
  readonly calendar: WorkingCalendar
  readonly size: SeedSize
  readonly sellers: readonly Seller[]
  readonly supportN: number
  readonly catalogue: readonly CatalogueEntry[]
  readonly campaigns: readonly RunningCampaign[]
  readonly pricebookId: string
  /** The next number of an object, and the id that goes with it. */
  next(object: string): { readonly n: number; readonly id: string }
  idOf(record: SeedRecord): string
}

export function createNumbers(schema: Schema): SeedScope['next'] {
  const last = new Map<string, number>()
  return (name) => {
    const object = schema.object(name)
    if (object === null) throw new Error(`a seed has no ${name}`)
    const n = (last.get(name) ?? 0) + 1
    last.set(name, n)
    return { n, id: makeId(object.keyPrefix, n) }
  }
}

/** A record without empty values, as the store keeps it. */
export function seedRecord(
  object: string,
  n: number,
  values: Readonly<Record<string, string | number | boolean | null | undefined>>,
  stamps: Omit<SeedRecord, 'object' | 'n' | 'fields'>,
): SeedRecord {
  const fields: RecordFields = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) fields[name] = value
  }
  return { object, n, fields, ...stamps }
}

/** A seller who was there at a moment. */
export function sellerAt(scope: SeedScope, at: number): Seller {
  const there = scope.sellers.filter((seller) => seller.left === null || seller.left > at)
  return pick(scope.random, there)
}

/** What is known of a customer: nothing, that it came of a lead, or that its lead came to nothing. */
export type Fate = 'any' | 'converted' | 'lost'

/** A source of business, as likely as it is for customers or leads of that fate. */
export function sourceOf(random: Random, fate: Fate): (typeof SOURCES)[number] {
  const weights = SOURCES.map(({ share, conversion }) => {
    const part = { any: 1, converted: conversion, lost: 1 - conversion }[fate]
    return share * part
  })
  let draw = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, source] of SOURCES.entries()) {
    draw -= weights[index] ?? 0
    if (draw <= 0) return source
  }
  return SOURCES[0]
}
