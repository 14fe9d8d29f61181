import { createHash } from 'node:crypto'

/**
 * Tells what a session comes from: SHA-256 of the flow, the login host, the app, and what else decides it. A session
 * of another origin counts for nothing. Parts one by one, so that no two lists read the same.
 */
export function signInOrigin(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
