import { createHash, randomBytes } from 'node:crypto'

/** Scanners and logs know it by its beginning. */
const SECRET_PREFIX = 'cvy_webhook_'

/** A new secret that an org signs its webhooks with: 256 random bits. The text is the key, as it stands. */
export function makeIntakeSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`
}

/** A new last part of the address of outbound messages: 256 random bits. */
export function makeIntakePath(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether the text can be such a path: what cannot is not looked up. */
export function isIntakePath(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}

/** What is kept of a path. It is random enough to need no slow hash. */
export function hashIntakePath(path: string): Buffer {
  return createHash('sha256').update(path).digest()
}
