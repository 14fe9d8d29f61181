/**
 * Number of pumps. Fixed: rows carry the number of the pump that works on them. Four keep two cores busy; a larger
 * installation runs them on several machines.
 */
export const PUMP_SHARDS = 4

/** FNV-1a. Which pump looks after a text: the same in every process and release, for it is stored. */
export function shardOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return (hash >>> 0) % PUMP_SHARDS
}

/** The 18-character form of a record's id: the letters behind the first 15 repeat their case. */
const LONG_RECORD_ID = /^[A-Za-z0-9]{18}$/

/** Events of one record go through one pump, in order, whichever form of its id they carry. */
export function shardOfRecord(connectionId: string | null, objectId: string): number {
  const key = LONG_RECORD_ID.test(objectId) ? objectId.slice(0, 15) : objectId
  return shardOf(`${connectionId ?? ''}/${key}`)
}

export interface PumpInput {
  readonly shard: number
  /** A trigger that came as the run before ended. */
  readonly triggered: boolean
}

/** What one turn of a pump did. */
export interface PumpTurn {
  readonly events: number
  readonly attempts: number
  readonly delivered: number
  /** When there is something to do again, in milliseconds since 1970; null where nothing waits. */
  readonly nextDueAt: number | null
}

/** The workflow of an endpoint in trouble. */
export interface EndpointInput {
  readonly subscriptionId: string
  readonly workspaceId: string
}
