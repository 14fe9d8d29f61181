import type { DatabaseSync } from 'node:sqlite'
import { makeId } from '../ids.ts'
import type { Schema } from '../schema/schema.ts'
import { recordTable } from '../store/database.ts'
import type { RecordStore, StoredRecord } from '../store/record-store.ts'

/** A user of the org, as OAuth and the identity answers see them. */
export interface OrgUser {
  /** The number of the User record. */
  readonly n: number
  readonly id: string
  readonly username: string
  readonly name: string
  readonly isActive: boolean
  /** When the record was last changed, in milliseconds since 1970. */
  readonly modified: number
  /** The text of a field; `null` where it is empty, or this org's users have no such field. */
  text(field: string): string | null
}

/** Finds users. */
export interface UserDirectory {
  byNumber(n: number): OrgUser | null
  /** Usernames have no case. */
  byUsername(username: string): OrgUser | null
  /** Active users by name, as many as fit on a page. */
  active(): OrgUser[]
}

const LISTED = 200

export function createUserDirectory(
  database: DatabaseSync,
  schema: Schema,
  store: RecordStore,
): UserDirectory {
  function userObject() {
    const object = schema.object('User')
    if (object === null) throw new Error('the schema has no User')
    return object
  }
  const table = recordTable(userObject())
  const numberOf = database.prepare(
    `SELECT n FROM ${table}
     WHERE deleted = 0 AND lower(json_extract(fields, '$.Username')) = lower(?)`,
  )
  const activeNumbers = database.prepare(
    `SELECT n FROM ${table} WHERE deleted = 0 AND json_extract(fields, '$.IsActive')
     ORDER BY json_extract(fields, '$.Name'), n LIMIT ${LISTED}`,
  )

  function byNumber(n: number): OrgUser | null {
    const record = store.byNumber(userObject(), n)
    return record === null || record.deleted ? null : toUser(record)
  }

  return {
    byNumber,
    byUsername(username) {
      const n = numberOf.get(username)?.['n']
      return n === undefined ? null : byNumber(Number(n))
    },
    active() {
      const users = activeNumbers.all().map((row) => byNumber(Number(row['n'])))
      return users.filter((user) => user !== null)
    },
  }
}

function toUser(record: StoredRecord): OrgUser {
  const text = (field: string): string | null => {
    const value = record.fields[field] ?? null
    return value === null || value === '' ? null : String(value)
  }
  const username = text('Username') ?? ''
  return {
    n: record.n,
    id: makeId('005', record.n),
    username,
    name: text('Name') ?? username,
    isActive: record.fields['IsActive'] === true,
    modified: record.modified,
    text,
  }
}
