import type { Org } from '../http/org-context.ts'
import type { Session } from '../store/session-store.ts'

/** The live session of a token whose user is active, and prolongs it; `null` where there is none. */
export async function admitSession(org: Org, token: string | null): Promise<Session | null> {
  if (token === null) return null
  const session = liveSession(org, token)
  if (session === null) return null
  const { sessionSeconds, prolongSessions } = org.settings()
  if (sessionSeconds === null || !prolongSessions) return session
  // A real org writes a session down in the second half of its time only.
  if (Date.now() - session.used >= sessionSeconds * 500) {
    await org.write(() => org.sessions.prolong(token))
  }
  return session
}

/** The live session of a token whose user is active, as it is. */
export function liveSession(org: Org, token: string): Session | null {
  const session = org.sessions.find(token, org.settings().sessionSeconds)
  if (session === null) return null
  return org.oauth.users.byNumber(session.userNumber)?.isActive === true ? session : null
}
