import { Buffer } from 'node:buffer'
import { hostname } from 'node:os'

/**
 * Writes a run's history as JSON that the replay takes as it is: 64-bit numbers and enums as numbers, bytes
 * as base64. Temporal's own JSON form needs one single copy of its protocol library in the installation.
 * Names and paths of the recording machine are left out.
 */
export function historyFile(history: unknown): string {
  return `${JSON.stringify(plain(history), null, 2)}\n`
}

/** What a message holds, without the defaults of its class. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  // Bytes may hold the same letters by chance, and would not be the same bytes any more.
  if (typeof value === 'string') return value.replaceAll(hostname(), 'host')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  // 64-bit numbers; all of a history's are far below 2^53.
  if ('toNumber' in value && typeof value.toNumber === 'function') return value.toNumber()
  const kept = Object.entries(value).filter(
    ([name, content]) => content !== null && name !== 'stackTrace',
  )
  return Object.fromEntries(kept.map(([name, content]) => [name, plain(content)]))
}
