import type { Org } from '../http/org-context.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { recordJson } from '../soql/record-json.ts'
import { recordTable } from '../store/database.ts'
import type { StoredRecord } from '../store/record-store.ts'
import type { RestCall } from './resource.ts'

/** Of a large object only the newest records are looked at, so that a call stays quick. */
const LOOKED_AT = 10_000

interface RecentRecord {
  readonly object: ObjectDefinition
  readonly record: StoredRecord
}

/**
 * What the caller had to do with last: the records looked at, then those that the caller made, then
 * the newest of others. A real org lists no more than the first two.
 */
export function recentRecords(
  org: Org,
  objects: readonly ObjectDefinition[],
  call: RestCall,
  limit: number,
): Record<string, unknown>[] {
  const { by } = call.context.stamp
  const found = new Map<string, RecentRecord>()
  for (const recent of [...viewed(org, objects, by), ...newest(org, objects, by, limit)]) {
    const key = `${recent.object.name} ${recent.record.n}`
    if (found.size < limit && !found.has(key)) found.set(key, recent)
  }
  return [...found.values()].map(({ object, record }) => {
    const shown = object.fields.filter((field) => field.system === 'id' || field.nameField)
    return recordJson(object, record, shown, call.version)
  })
}

function viewed(org: Org, objects: readonly ObjectDefinition[], user: number): RecentRecord[] {
  return org.recentViews.of(user).flatMap(({ object: name, n }) => {
    const object = objects.find((candidate) => candidate.name === name)
    const record = object === undefined ? null : org.store.byNumber(object, n)
    return object === undefined || record === null || record.deleted ? [] : [{ object, record }]
  })
}

function newest(
  org: Org,
  objects: readonly ObjectDefinition[],
  user: number,
  limit: number,
): RecentRecord[] {
  const isOwn = ({ createdBy }: StoredRecord): number => (createdBy === user ? 1 : 0)
  return objects
    .flatMap((object) => {
      const own = numbers(org, object, limit, user)
      const all = own.length < limit ? [...own, ...numbers(org, object, limit, null)] : own
      return all
        .flatMap((n) => org.store.byNumber(object, n) ?? [])
        .map((record) => ({ object, record }))
    })
    .toSorted(
      ({ record: a }, { record: b }) => isOwn(b) - isOwn(a) || b.created - a.created || b.n - a.n,
    )
}

/** Numbers of the newest live records, of one user or of all. */
function numbers(org: Org, object: ObjectDefinition, limit: number, user: number | null): number[] {
  return org.database
    .prepare(
      `SELECT n FROM ${recordTable(object)}
       WHERE deleted = 0 AND created_by = coalesce(?, created_by)
         AND n > (SELECT max(n) FROM ${recordTable(object)}) - ?
       ORDER BY n DESC LIMIT ?`,
    )
    .all(user, LOOKED_AT, limit)
    .map((row) => Number(row['n']))
}
