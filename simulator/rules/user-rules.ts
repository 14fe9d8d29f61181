import type { RecordFields } from '../store/record-store.ts'
import { rowError } from '../values/row-error.ts'
import type { ObjectRules } from './object-rules.ts'
import { needed } from './related-record.ts'
import { isChanged, textIn } from './set-value.ts'

const USERNAME = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** Usernames have the form of an address, and nobody else's; time zones are known ones. */
export const userRules: ObjectRules = {
  derive({ before, after }, scope) {
    const zone = textIn(after, 'TimeZoneSidKey')
    if (zone !== null && isChanged(before, after, 'TimeZoneSidKey') && !isTimeZone(zone)) {
      return rowError(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `Time Zone: bad value for restricted picklist field: ${zone}`,
        'TimeZoneSidKey',
      )
    }
    const username = textIn(after, 'Username')
    // A missing username is refused with the other required fields.
    if (username === null) return null
    if (isChanged(before, after, 'Username')) {
      if (!USERNAME.test(username)) {
        return rowError(
          'INVALID_EMAIL_ADDRESS',
          `Username: invalid email address: ${username}`,
          'Username',
        )
      }
      const same = scope.store.withKey(needed(scope, 'User'), 'Username', username)
      if (
        same.length > 0 &&
        username.toLowerCase() !== before?.['Username']?.toString().toLowerCase()
      ) {
        return rowError(
          'DUPLICATE_USERNAME',
          "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). ",
          'Username',
        )
      }
    }
    after['Alias'] ??= aliasOf(after)
    after['CommunityNickname'] ??= username.slice(0, username.indexOf('@')).slice(0, 40)
    return null
  },
}

/** What tells a user's times must know the zone: any other would break each answer that shows them. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The first letter of the first name and the beginning of the last one. */
function aliasOf(user: Readonly<RecordFields>): string {
  const first = textIn(user, 'FirstName')?.slice(0, 1) ?? ''
  return `${first}${textIn(user, 'LastName')?.slice(0, 4) ?? ''}`.toLowerCase()
}
