import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const FORM = /^cvy_session_[\w-]{43}$/

/** A new token of a session: 256 random bits. Its beginning is a key's, so that it is refused in queries as well. */
export function makeSessionToken(): string {
  return `cvy_session_${randomBytes(32).toString('base64url')}`
}

/** Whether the text is a token of {@link makeSessionToken}, as far as its form tells. */
export function isSessionToken(text: string): boolean {
  return FORM.test(text)
}

/** What is kept of a token: SHA-256, as it is random enough to need no slow hash. */
export function hashSessionToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * What a page shows beside the cookie when it changes something. Pages of other origins cannot read it, and it
 * does not tell the token, which pages cannot read at all.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHash('sha256').update(`csrf ${sessionToken}`).digest('base64url')
}

/** Takes as long for a wrong text as for the right one. */
export function isCsrfTokenOf(sessionToken: string, text: string): boolean {
  const [given, right] = [Buffer.from(text), Buffer.from(csrfTokenOf(sessionToken))]
  return given.length === right.length && timingSafeEqual(given, right)
}
