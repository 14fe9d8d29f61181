import type { Org } from '../http/org-context.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { recordJson } from '../soql/record-json.ts'
import { recordTable } from '../store/database.ts'
import type { StoredRecord } from '../store/record-store.ts'
import type { RestCall } from './resource.ts'

/**
 * The records that were made last, the caller's own first. A real org lists what was looked at,
 * which calls of its API hardly tell.
 */
export function recentRecords(
  org: Org,
  objects: readonly ObjectDefinition[],
  call: RestCall,
  limit: number,
): Record<string, unknown>[] {
  const found = objects.flatMap((object) => {
    const newest = (whose: string, ...parameters: number[]): number[] =>
      org.database
        .prepare(
          `SELECT n FROM ${recordTable(object)} WHERE deleted = 0 ${whose} ORDER BY n DESC LIMIT ?`,
        )
        .all(...parameters, limit)
        .map((row) => Number(row['n']))
    const own = newest('AND created_by = ?', call.context.stamp.by)
    const all = own.length < limit ? newest('') : []
    return [...new Set([...own, ...all])]
      .flatMap((n) => org.store.byNumber(object, n) ?? [])
      .map((record) => ({ object, record }))
  })
  const isOwn = (record: StoredRecord): number =>
    record.createdBy === call.context.stamp.by ? 1 : 0
  return found
    .toSorted((a, b) => isOwn(b.record) - isOwn(a.record) || b.record.created - a.record.created)
    .slice(0, limit)
    .map(({ object, record }) => {
      const shown = object.fields.filter((field) => field.system === 'id' || field.nameField)
      return recordJson(object, record, shown, call.version)
    })
}
