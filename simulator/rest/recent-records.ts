import type { Org } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { recordJson } from '../soql/record-json.ts'
import { recordTable } from '../store/database.ts'
import type { RestCall } from './resource.ts'

/**
 * The records that the caller made last, newest first. A real org lists what was looked at; no
 * call of its API says that somebody looked.
 */
export function recentRecords(
  org: Org,
  objects: readonly ObjectDefinition[],
  call: RestCall,
  limit: number,
): Record<string, unknown>[] {
  const found = objects.flatMap((object) =>
    org.database
      .prepare(
        `SELECT n, created FROM ${recordTable(object)}
         WHERE deleted = 0 AND created_by = ? ORDER BY n DESC LIMIT ?`,
      )
      .all(call.context.stamp.by, limit)
      .map((row) => ({ object, n: Number(row['n']), created: Number(row['created']) })),
  )
  return found
    .toSorted((a, b) => b.created - a.created)
    .slice(0, limit)
    .flatMap(({ object, n }) => {
      const record = org.store.get(object, makeId(object.keyPrefix, n))
      const shown = object.fields.filter((field) => field.system === 'id' || field.nameField)
      return record === null ? [] : [recordJson(object, record, shown, call.version)]
    })
}
