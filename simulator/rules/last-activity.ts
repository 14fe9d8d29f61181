import { keyPrefixOf } from '../ids.ts'
import type { RecordFields } from '../store/record-store.ts'
import type { RuleScope, SavedChange } from './object-rules.ts'
import { childrenOf } from './related-record.ts'
import { textIn } from './set-value.ts'

/** Lookups of an activity whose records show when something last happened. */
const PARENTS = ['WhoId', 'WhatId', 'AccountId'] as const

/** The day of an activity that counts: tasks count once they are done. */
function countedDay(kind: string, fields: Readonly<RecordFields>): string | null {
  return kind === 'Task' && fields['IsClosed'] !== true ? null : textIn(fields, 'ActivityDate')
}

/** Keeps `LastActivityDate` of the people and records that an activity belongs to. */
export function keepLastActivity(change: SavedChange, scope: RuleScope): void {
  const gone = change.kind === 'deleted'
  for (const lookup of PARENTS) {
    const id = textIn(change.after, lookup)
    const old = change.before === null ? null : textIn(change.before, lookup)
    const day = gone ? null : countedDay(change.object.name, change.after)
    const oldDay = change.before === null ? null : countedDay(change.object.name, change.before)
    if (old !== null && oldDay !== null && (gone || old !== id || oldDay !== day)) {
      recount(scope, old, lookup)
    }
    if (id !== null && day !== null) raise(scope, id, day)
  }
}

function raise(scope: RuleScope, id: string, day: string): void {
  store(scope, id, (last) => (last === null || last < day ? day : last))
}

/** The most recent day of all activities that are left. */
function recount(scope: RuleScope, id: string, lookup: string): void {
  const days = ['Task', 'Event'].flatMap((kind) =>
    childrenOf(scope, kind, lookup, id).map((record) => countedDay(kind, record.fields)),
  )
  const latest = days.reduce<string | null>(
    (last, day) => (day !== null && (last === null || last < day) ? day : last),
    null,
  )
  store(scope, id, () => latest)
}

/** Not a change of the record that anybody made: its own modification date stays. */
function store(scope: RuleScope, id: string, next: (last: string | null) => string | null): void {
  const object = scope.schema.byKeyPrefix(keyPrefixOf(id))
  if (object === null || scope.schema.field(object, 'LastActivityDate') === null) return
  const record = scope.store.get(object, id)
  if (record === null) return
  const last = textIn(record.fields, 'LastActivityDate')
  const day = next(last)
  if (day === last) return
  const { LastActivityDate: _, ...others } = record.fields
  scope.store.update(
    object,
    record.n,
    day === null ? others : { ...others, LastActivityDate: day },
    {
      at: record.modified,
      by: record.modifiedBy,
    },
  )
}
