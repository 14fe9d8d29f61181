import { createBulkLaneWishQueries, type LaneStanding } from '../../db/bulk-lane-wishes.ts'
import { createBulkLoadLeaseQueries, type LaneHolder } from '../../db/bulk-load-leases.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'

/** Longer than the longest pause between two polls of a load, which renew it. */
export const LEASE_SECONDS = 180
const DELAY_A_PLACE_MS = 250
const LONGEST_DELAY_MS = 15_000
/** By how much a look may be late before its load counts as gone. */
const LATENESS_MS = 5_000

/** A load that asks for a lane. */
export interface WaitingLoad extends LaneHolder {
  readonly workspaceId: string
  /** It may have a job in Salesforce already: it takes any free lane that it sees, whoever waits. */
  readonly begun: boolean
}

/** Why there is no lane for a load yet. */
export interface LaneRefusal {
  readonly freeLanes: number
  /** Loads that get a lane first; the next lane is the load's own where it is 0. */
  readonly place: number
  /** When to look again, for the load to count as waiting. */
  readonly lookAgainMs: number
}

/**
 * Shares the lanes of a connection among the jobs that want one. A free lane goes to the job that holds the
 * fewest, then to the one that waits longest, so that a small job never waits for the end of a large one.
 * No lane is kept for a load that does not look: its wish in Postgres runs out.
 */
export function createLaneQueue(database: WorkspaceDatabase, lanes: number) {
  return {
    /** Takes a lane, or says why not: null where the load has one now. */
    async take(load: WaitingLoad): Promise<LaneRefusal | null> {
      await createBulkLoadLeaseQueries(database).ensureSlots(
        load.connectionId,
        load.workspaceId,
        lanes,
      )
      return database.transaction(async (transaction) => {
        const leases = createBulkLoadLeaseQueries(transaction)
        const wishes = createBulkLaneWishQueries(transaction)
        // One look at a time a connection: each sees what the one before it took or wished.
        await leases.lock(load.connectionId)
        const standing = await wishes.standing(load, lanes)
        if (mayTake(load, standing)) {
          const slot = await leases.acquire(load, lanes, LEASE_SECONDS)
          if (slot !== null) {
            await wishes.fulfil(load)
            return null
          }
        }
        const refusal = refusalOf(standing)
        await wishes.wish(load, load.workspaceId, (refusal.lookAgainMs + LATENESS_MS) / 1000)
        return refusal
      })
    },
  }
}

function mayTake({ begun }: WaitingLoad, standing: LaneStanding): boolean {
  return standing.holdsLane || standing.freeLanes > (begun ? 0 : standing.ahead)
}

/**
 * The further back, the longer until the next look: hundreds of waiting loads must not be most of what the
 * server does, and the lane of the next one in line must not lie idle.
 */
function refusalOf({ freeLanes, ahead, siblingsAhead }: LaneStanding): LaneRefusal {
  const place = Math.max(0, ahead - freeLanes) + siblingsAhead
  const delay = Math.min(DELAY_A_PLACE_MS * (place + 1), LONGEST_DELAY_MS)
  return { freeLanes, place, lookAgainMs: delay * (0.75 + Math.random() / 2) }
}
