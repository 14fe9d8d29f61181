import { makeId } from '../ids.ts'
import { ORG_ID } from '../org.ts'
import type { QueuedChange } from './change-queue.ts'
import type { ChangeKind, Webhook } from './subscription.ts'

/** What one callout tells. */
export interface Callout {
  readonly object: string
  readonly recordIds: readonly string[]
  readonly body: string
}

/** Words of change data capture for a change. */
const CHANGE_TYPES: Readonly<Record<ChangeKind, string>> = {
  created: 'CREATE',
  updated: 'UPDATE',
  deleted: 'DELETE',
  undeleted: 'UNDELETE',
}

/**
 * The callouts that a trigger makes of the changes of one transaction: records of one object, with
 * the same kind of change in the same fields, go together.
 */
export function calloutsOf(webhook: Webhook, changes: readonly QueuedChange[]): Callout[] {
  const groups = new Map<string, QueuedChange[]>()
  for (const change of changes) {
    const key = JSON.stringify([change.object, change.kind, change.changed])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [change])
    else group.push(change)
  }
  const callouts: Callout[] = []
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += webhook.batchIds) {
      const [first, ...others] = group.slice(from, from + webhook.batchIds)
      if (first !== undefined) callouts.push(callout(webhook, first, [first, ...others]))
    }
  }
  return callouts
}

function callout(webhook: Webhook, first: QueuedChange, changes: readonly QueuedChange[]): Callout {
  const recordIds = changes.map((change) => change.recordId)
  const records = changes.map(({ recordId, values }) => ({ Id: recordId, ...values }))
  const body = JSON.stringify({
    event_type: `${first.object}.${first.kind}`,
    object: first.object,
    ids: recordIds,
    changeType: CHANGE_TYPES[first.kind],
    changedFields: first.changed,
    organizationId: ORG_ID,
    userId: makeId('005', first.by),
    eventDate: new Date(first.queued).toISOString(),
    ...(webhook.fields.length === 0 ? {} : { records }),
  })
  return { object: first.object, recordIds, body }
}
