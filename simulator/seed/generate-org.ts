import { startSimulator } from '../start-simulator.ts'
import { generateRecords } from './generate-records.ts'
import type { SeedRecord } from './seed-record.ts'
import type { SeedSize } from './seed-size.ts'

export interface GenerateOptions {
  /** The file of the org; it must not be there yet. */
  readonly database: string
  readonly day: string
  readonly size: SeedSize
  readonly seed: number
}

/** What was made, by object. */
export type GeneratedCounts = ReadonlyMap<string, number>

/** Makes the file of a new org with generated records: any size in little memory. */
export async function generateOrg(options: GenerateOptions): Promise<GeneratedCounts> {
  const counts = new Map<string, number>()
  function* counted(): Iterable<SeedRecord> {
    for (const record of generateRecords(options)) {
      counts.set(record.object, (counts.get(record.object) ?? 0) + 1)
      yield record
    }
  }
  const simulator = await startSimulator({ database: options.database, records: counted })
  await simulator.close()
  return counts
}
