import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Hints that one part of the service gives another. Any of them may be lost: tables are looked at all the same. */
export const CHANNELS = {
  /** Payload: the number of a pump that has something to do. */
  pump: 'conveyor_pump',
  /** Payload: the workspace whose stream of events has grown. */
  events: 'conveyor_events',
} as const
export type Channel = (typeof CHANNELS)[keyof typeof CHANNELS]

export interface ListenerOptions {
  readonly databaseUrl: string
  readonly channels: readonly Channel[]
  readonly onNotice: (channel: string, payload: string) => void
  /** Called once a break, not once an attempt to mend it. */
  readonly onLost: (error: unknown) => void
  /** Before another attempt, in milliseconds. */
  readonly pauseMs?: number
}

export interface Listener {
  close(): Promise<void>
}

const PAUSE_MS = 1_000

/** Listens on a connection of its own, and connects anew when that breaks. Resolves at once, connected or not. */
export function startListener(options: ListenerOptions): Listener {
  const stopped = new AbortController()
  let client: pg.Client | null = null
  let told = false

  async function listen(): Promise<void> {
    const connecting = new pg.Client({
      connectionString: options.databaseUrl,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    })
    client = connecting
    const lost = new Promise<never>((_resolve, reject) => {
      connecting.on('error', reject)
      connecting.once('end', () => reject(new Error('The connection ended.')))
    })
    // A break during the connect is reported there.
    lost.catch(() => {})
    try {
      await connecting.connect()
      connecting.on('notification', ({ channel, payload }) => {
        options.onNotice(channel, payload ?? '')
      })
      // Names of our own, above.
      for (const channel of options.channels) await connecting.query(`listen ${channel}`)
      told = false
      await lost
    } finally {
      client = null
      await connecting.end().catch(() => {})
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await listen()
      } catch (error) {
        if (stopped.signal.aborted) return
        if (!told) options.onLost(error)
        told = true
      }
      await sleep(options.pauseMs ?? PAUSE_MS, undefined, { signal: stopped.signal }).catch(
        () => {},
      )
    }
  }

  const running = run()
  return {
    async close() {
      stopped.abort()
      await client?.end().catch(() => {})
      await running
    },
  }
}
