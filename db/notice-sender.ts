import type { Channel } from './listener.ts'

export interface NoticeSenderOptions {
  readonly channel: Channel
  readonly notify: (channel: Channel, payloads: readonly string[]) => Promise<void>
  readonly onError: (error: unknown) => void
  /** Notices of so many milliseconds go as one; the first goes at once. */
  readonly gatherMs: number
}

export interface NoticeSender {
  /** Returns at once; a notice that cannot be sent is a hint that is lost. */
  send(payload: string): void
  /** Waits for what is on its way. */
  close(): Promise<void>
}

/** Sends hints, each payload once at a time: a commit that notifies holds up others, so there are few of them. */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  let waiting = new Set<string>()
  let sending: Promise<void> | null = null

  async function sendAll(): Promise<void> {
    while (waiting.size > 0) {
      const payloads = [...waiting]
      waiting = new Set()
      try {
        await options.notify(options.channel, payloads)
      } catch (error) {
        options.onError(error)
      }
      await new Promise((resolve) => setTimeout(resolve, options.gatherMs))
    }
  }

  function start(): void {
    sending ??= sendAll().finally(() => {
      sending = null
      // One may have come after the last look.
      if (waiting.size > 0) start()
    })
  }

  return {
    send(payload) {
      waiting.add(payload)
      start()
    },
    async close() {
      while (sending !== null) await sending
    },
  }
}
