import { MIRROR_OBJECTS, type MirrorObject } from '../../contracts/mirror.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import { demoSeed } from '../../simulator/seed/demo-seed.ts'
import { startSimulator } from '../../simulator/start-simulator.ts'
import { createRecordClient } from '../../simulator/testing/record-client.ts'
import { createTestClient } from '../../simulator/testing/test-client.ts'
import type { Shown } from './mirror-contents.ts'

/** All records of the simulator's seed that are mirrored, as a query shows them. */
export async function readSeededOrg(day: string): Promise<ReadonlyMap<MirrorObject, Shown[]>> {
  const simulator = await startSimulator({ records: () => demoSeed(day) })
  try {
    const client = createRecordClient(await createTestClient(simulator.url))
    const read = new Map<MirrorObject, Shown[]>()
    for (const object of MIRROR_OBJECTS) {
      // An org of one currency has no CurrencyType.
      if (object === 'CurrencyType') continue
      const fields = MIRROR_TABLES[object].columns
        .map(({ field }) => field)
        .filter((field) => field !== 'CurrencyIsoCode')
      read.set(object, await client.query(`SELECT Id, ${fields.join(', ')} FROM ${object}`))
    }
    return read
  } finally {
    await simulator.close()
  }
}
