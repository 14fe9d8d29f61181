import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'

/**
 * Reads the rest of a body and drops it: a client that still sends would see a reset connection
 * instead of the answer. Rejects when the client leaves.
 */
export async function drain(incoming: IncomingMessage): Promise<void> {
  incoming.resume()
  if (!incoming.readableEnded) await finished(incoming, { writable: false })
}
