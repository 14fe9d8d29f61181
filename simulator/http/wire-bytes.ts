import type { Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { WireBytes } from './call-log.ts'

/** What the calls before this one moved over their connection. */
const counted = new WeakMap<Socket, WireBytes>()

/** Counts what one call moves over its connection, which may serve several calls in turn. */
export function measureWire({ incoming, outgoing }: HttpBindings): WireBytes {
  const { socket } = incoming
  const before = counted.get(socket) ?? { received: 0, sent: 0 }
  const wire: WireBytes = { received: 0, sent: 0 }
  outgoing.once('close', () => {
    const all = { received: socket.bytesRead, sent: socket.bytesWritten }
    wire.received = all.received - before.received
    wire.sent = all.sent - before.sent
    counted.set(socket, all)
  })
  return wire
}
