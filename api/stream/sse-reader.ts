import type { LoggedEvent } from '../../db/webhook-event-log.ts'
import { eventBody } from '../webhook-event-body.ts'
import type { StreamReader } from './event-hub.ts'

export interface SseReaderOptions {
  /** After which event it begins. */
  readonly position: number
  /** The position that it asked for is not there; null where it is. */
  readonly reset: string | null
  readonly onClose: (reader: StreamReader) => void
  /** Bytes that wait for a slow reader before it is dropped. */
  readonly bufferBytes: number
  /** Milliseconds between signs of life. */
  readonly heartbeatMs: number
  /** Milliseconds that a reader which catches up may take nothing. */
  readonly patienceMs: number
  /** Milliseconds after which it is ended, to come again with a key that still counts. */
  readonly lifeMs: number
}

/** Server-sent events of one reader. The stream is read only as fast as its caller takes it. */
export function createSseReader(options: SseReaderOptions): {
  readonly reader: StreamReader
  readonly stream: ReadableStream<Uint8Array>
} {
  const encoder = new TextEncoder()
  let position = options.position
  let open = true
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let waiting: (() => void) | null = null

  const hasRoom = () => (controller?.desiredSize ?? 0) > 0

  function write(text: string): void {
    controller?.enqueue(encoder.encode(text))
  }

  function close(): void {
    if (!open) return
    open = false
    clearInterval(heartbeat)
    clearTimeout(life)
    waiting?.()
    options.onClose(reader)
  }

  const reader: StreamReader = {
    position: () => position,
    isOpen: () => open,
    push(events) {
      if (!open || !hasRoom()) return false
      write(events.map(eventText).join(''))
      position = events[events.length - 1]?.position ?? position
      return true
    },
    async ready() {
      if (open && !hasRoom()) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, options.patienceMs)
          waiting = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        waiting = null
      }
      return open && hasRoom()
    },
    end() {
      if (!open) return
      close()
      controller?.close()
    },
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(made) {
        controller = made
        write(`retry: 2000\n\n${options.reset === null ? '' : resetText(position, options.reset)}`)
      },
      pull() {
        waiting?.()
      },
      cancel: close,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: options.bufferBytes }),
  )
  const heartbeat = setInterval(() => {
    if (hasRoom()) write(': heartbeat\n\n')
  }, options.heartbeatMs)
  const life = setTimeout(() => reader.end(), options.lifeMs)
  return { reader, stream }
}

/** JSON has no line ends of its own, which would end the field. */
function eventText(event: LoggedEvent): string {
  return `id: ${event.position}\ndata: ${JSON.stringify(eventBody(event))}\n\n`
}

function resetText(position: number, reason: string): string {
  return `id: ${position}\nevent: reset\ndata: ${JSON.stringify({ position, reason })}\n\n`
}
