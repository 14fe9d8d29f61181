import type { SalesforceClient } from './client.ts'
import { isSalesforceError } from './errors.ts'

/** Whom a session acts for; null where the org does not show it. */
export interface SessionUser {
  readonly username: string | null
  readonly email: string | null
  readonly profileId: string | null
}

const UNKNOWN: SessionUser = { username: null, email: null, profileId: null }

/**
 * Reads the user's own record.
 * @param userId 18 characters, as the token answer gave it.
 * @throws SalesforceError where the API cannot be used at all.
 */
export async function readSessionUser(
  client: SalesforceClient,
  userId: string,
): Promise<SessionUser> {
  // Names the trouble of a user without API access, which the query would hide behind its own.
  await client.limits()
  for (const fields of ['Username, Email, ProfileId', 'Username, Email']) {
    try {
      for await (const page of client.query(`SELECT ${fields} FROM User WHERE Id = '${userId}'`)) {
        const [record] = page.records
        if (record === undefined) return UNKNOWN
        return {
          username: textOf(record['Username']),
          email: textOf(record['Email']),
          profileId: textOf(record['ProfileId']),
        }
      }
    } catch (error) {
      // A field or an object that this user may not see: the connection works all the same.
      const isHidden = isSalesforceError(error) && error.retry === 'never'
      if (!isHidden && !(isSalesforceError(error) && error.kind === 'permission')) throw error
    }
  }
  return UNKNOWN
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
