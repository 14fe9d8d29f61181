import type { LoggedEvent } from '../../db/webhook-event-log.ts'

/** What the hub reads; `db/webhook-event-log.ts` fits. */
export interface StreamStore {
  listAfterPosition(position: number, limit: number): Promise<readonly LoggedEvent[]>
  positions(): Promise<{ readonly first: number; readonly last: number }>
}

export interface StreamReader {
  /** The last position that it has. */
  position(): number
  isOpen(): boolean
  /** Gives events that are new to it; false where those before lie there still. */
  push(events: readonly LoggedEvent[]): boolean
  /** Resolves once it takes more; false where it does not in time, or is closed. */
  ready(): Promise<boolean>
  /** The hub has no more for it. */
  end(): void
}

export interface EventHubOptions {
  readonly storeOf: (workspaceId: string) => StreamStore
  readonly logger: { warn(fields: object, message: string): void }
  /** Hints may be lost: the table is looked at so often all the same, in milliseconds. */
  readonly pollMs?: number
}

/** One tail a workspace, however many readers: each new event is read once a process. */
export interface EventHub {
  /** Something may be new in the workspace. */
  hint(workspaceId: string): void
  /** Gives the reader what comes after its position, from the first that it lacks. Resolves once it is at the end. */
  follow(workspaceId: string, reader: StreamReader): Promise<void>
  leave(workspaceId: string, reader: StreamReader): void
  /** Ends all readers. */
  close(): void
}

const AT_ONCE = 200
const POLL_MS = 5_000

interface Tail {
  readonly store: StreamStore
  position: number
  readonly readers: Set<StreamReader>
  reading: boolean
  /** A hint came while it was being read. */
  again: boolean
  readonly timer: NodeJS.Timeout
}

export function createEventHub(options: EventHubOptions): EventHub {
  const { logger, storeOf } = options
  const tails = new Map<string, Tail>()
  let closed = false

  function read(workspaceId: string): void {
    const tail = tails.get(workspaceId)
    if (tail === undefined) return
    if (tail.reading) {
      tail.again = true
      return
    }
    tail.reading = true
    readNew(workspaceId, tail)
      .catch((error: unknown) => {
        // The next hint or look reads the same again.
        logger.warn({ err: error, workspaceId }, 'the stream of events could not be read')
      })
      .finally(() => {
        tail.reading = false
        if (!tail.again) return
        tail.again = false
        read(workspaceId)
      })
  }

  async function readNew(workspaceId: string, tail: Tail): Promise<void> {
    for (;;) {
      const events = await tail.store.listAfterPosition(tail.position, AT_ONCE)
      const last = events[events.length - 1]?.position
      if (last === undefined || last === null) return
      tail.position = last
      for (const reader of [...tail.readers]) give(workspaceId, tail, reader, events)
      if (events.length < AT_ONCE) return
    }
  }

  function give(
    workspaceId: string,
    tail: Tail,
    reader: StreamReader,
    events: readonly LoggedEvent[],
  ): void {
    const lacking = events.filter(({ position }) => (position ?? 0) > reader.position())
    if (lacking.length === 0 || reader.push(lacking)) return
    // It takes less than there is: it goes on at its own pace, and is dropped where it takes nothing.
    tail.readers.delete(reader)
    follow(workspaceId, reader).catch((error: unknown) => {
      logger.warn({ err: error, workspaceId }, 'a reader of the stream could not catch up')
      reader.end()
    })
  }

  async function tailOf(workspaceId: string): Promise<Tail> {
    const known = tails.get(workspaceId)
    if (known !== undefined) return known
    const store = storeOf(workspaceId)
    const { last } = await store.positions()
    const made = tails.get(workspaceId)
    // Another reader of the workspace was quicker.
    if (made !== undefined) return made
    const timer = setInterval(() => read(workspaceId), options.pollMs ?? POLL_MS)
    const tail: Tail = {
      ...{ store, position: last, readers: new Set<StreamReader>() },
      ...{ reading: false, again: false, timer },
    }
    tails.set(workspaceId, tail)
    return tail
  }

  async function follow(workspaceId: string, reader: StreamReader): Promise<void> {
    while (reader.isOpen()) {
      const tail = await tailOf(workspaceId)
      const isBehind = reader.position() < tail.position
      const events = isBehind ? await tail.store.listAfterPosition(reader.position(), AT_ONCE) : []
      if (closed) {
        reader.end()
        break
      }
      // Its last reader may have left meanwhile, and it with it.
      if (tails.get(workspaceId) !== tail) continue
      // Where nothing is left of what it lacks, it goes on with the tail.
      if (events.length === 0) {
        if (reader.isOpen()) tail.readers.add(reader)
        // What came between the tail's last look and now.
        read(workspaceId)
        break
      }
      if (!(await reader.ready()) || !reader.push(events)) {
        reader.end()
        break
      }
    }
    // Gone while it was catching up: nobody else ends a tail without readers.
    if (!reader.isOpen()) leave(workspaceId, reader)
  }

  function leave(workspaceId: string, reader: StreamReader): void {
    const tail = tails.get(workspaceId)
    if (tail === undefined) return
    tail.readers.delete(reader)
    if (tail.readers.size > 0) return
    clearInterval(tail.timer)
    tails.delete(workspaceId)
  }

  return {
    hint: read,
    follow,
    leave,
    close() {
      closed = true
      for (const tail of tails.values()) {
        clearInterval(tail.timer)
        for (const reader of [...tail.readers]) reader.end()
      }
      tails.clear()
    },
  }
}
