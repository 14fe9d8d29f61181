import type { MirrorObject } from '../../contracts/mirror.ts'
import { createRandom, type Random } from '../../simulator/seeded-random.ts'
import type { OrgRecords } from './org-records.ts'

const STAGES = ['Prospecting', 'Qualification', 'Proposal/Price Quote', 'Closed Won', 'Closed Lost']
const CHANGED = ['Account', 'Opportunity', 'Lead'] as const satisfies readonly MirrorObject[]
type Changed = (typeof CHANGED)[number]

/** What people do in an org, by chance: the same seed gives the same changes. */
export interface RandomChanges {
  /** Some transactions, each of up to 30 records of one time. */
  change(transactions: number): Promise<void>
  /** Removes some of those in the recycle bin, and some others, for good. */
  hardDeleteSome(): Promise<void>
}

export function createRandomChanges(records: OrgRecords, seed: number): RandomChanges {
  const random = createRandom(seed)
  const live: Record<Changed, string[]> = { Account: [], Opportunity: [], Lead: [] }
  const binned: string[] = []
  const objectOf = new Map<string, Changed>()
  let made = 0

  async function insert(object: Changed): Promise<void> {
    const ids = await records.insert(object, below(random, 30) + 1, () => {
      made += 1
      return newRecord(object, made, random)
    })
    for (const id of ids) objectOf.set(id, object)
    live[object].push(...ids)
  }

  async function update(object: Changed): Promise<void> {
    const ids = some(live[object], 30, random)
    await records.update(object, ids, (n) => changeOf(object, n, random))
  }

  async function remove(object: Changed): Promise<void> {
    // Accounts here have no opportunities, which would go with them.
    const ids = some(live[object], 5, random)
    await records.remove(ids)
    live[object] = live[object].filter((id) => !ids.includes(id))
    binned.push(...ids)
  }

  async function undelete(): Promise<void> {
    const [id] = some(binned, 1, random)
    if (id === undefined) return
    await records.undelete(id)
    binned.splice(binned.indexOf(id), 1)
    live[objectOf.get(id) ?? 'Account'].push(id)
  }

  return {
    async change(transactions) {
      for (let done = 0; done < transactions; done += 1) {
        const object = CHANGED[below(random, CHANGED.length)] ?? 'Account'
        const dice = random()
        if (live[object].length < 20 || dice < 0.3) await insert(object)
        else if (dice < 0.7) await update(object)
        else if (dice < 0.85) await remove(object)
        else await undelete()
      }
    },
    async hardDeleteSome() {
      for (const object of CHANGED) {
        const gone = some(live[object], 7, random)
        await records.hardDelete(object, gone)
        live[object] = live[object].filter((id) => !gone.includes(id))
      }
    },
  }
}

function newRecord(object: Changed, n: number, random: Random) {
  switch (object) {
    case 'Account':
      return { Name: `Account ${n}`, NumberOfEmployees: below(random, 900), Industry: 'Energy' }
    case 'Lead':
      return { LastName: `Lead ${n}`, Company: `Company ${n}`, LeadSource: 'Web' }
    case 'Opportunity':
      return { Name: `Deal ${n}`, ...dealOf(random) }
    default:
      return unknownObject(object)
  }
}

function changeOf(object: Changed, n: number, random: Random) {
  switch (object) {
    case 'Account':
      return { AnnualRevenue: below(random, 1_000_000), Industry: null }
    case 'Lead':
      return { Rating: n % 2 === 0 ? 'Hot' : 'Cold' }
    case 'Opportunity':
      return dealOf(random)
    default:
      return unknownObject(object)
  }
}

function dealOf(random: Random) {
  return {
    StageName: STAGES[below(random, STAGES.length)],
    CloseDate: `2026-${String(below(random, 12) + 1).padStart(2, '0')}-15`,
    Amount: random() < 0.2 ? null : below(random, 10_000_000) / 100,
  }
}

function below(random: Random, end: number): number {
  return Math.floor(random() * end)
}

function some(ids: readonly string[], most: number, random: Random): string[] {
  const wanted = below(random, most) + 1
  return [...ids].sort(() => random() - 0.5).slice(0, wanted)
}

function unknownObject(object: never): never {
  throw new Error(`Unknown object ${String(object)}`)
}
