import { generateRecords } from './generate-records.ts'
import type { SeedRecord } from './seed-record.ts'
import { DEMO_SIZE } from './seed-size.ts'
import { dayOf } from './working-calendar.ts'

/** The records of an org to look at: two years of a company up to a day, by default this one. */
export function demoSeed(day: string = dayOf(Date.now())): Iterable<SeedRecord> {
  return generateRecords({ day, size: DEMO_SIZE })
}
