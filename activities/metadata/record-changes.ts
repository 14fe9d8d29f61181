import type { MetadataDifference, MetadataInput } from '../../contracts/metadata.ts'
import { createMetadataChangeQueries } from '../../db/metadata-changes.ts'
import type { DatabaseTransactionConnection } from '../../db/pool.ts'
import { createWebhookEventQueries } from '../../db/webhook-events.ts'
import type { Sealing } from '../../security/sealing.ts'
import { uuidV7 } from '../../security/uuid-v7.ts'
import { ownEvent } from '../webhook/own-event.ts'
import { wordsOf } from './diff-describes.ts'

/**
 * Keeps what is different now and tells of it, each difference as an event of its own, in the transaction that stores
 * what Salesforce answered: otherwise a crash between the two would lose them, as the next look finds nothing new.
 */
export async function recordChanges(
  transaction: DatabaseTransactionConnection,
  sealing: Sealing,
  { workspaceId, connectionId }: MetadataInput,
  differences: readonly MetadataDifference[],
): Promise<void> {
  if (differences.length === 0) return
  const changes = differences.map((difference) => ({ ...difference, changeId: `mdc_${uuidV7()}` }))
  await createMetadataChangeQueries(transaction).insertAll({ workspaceId, connectionId }, changes)
  await createWebhookEventQueries(transaction).insertAll(
    changes.map((change) => {
      const { changeId, kind, objectType, field, before, after } = change
      return ownEvent(sealing, {
        ...{ workspaceId, connectionId, eventType: `metadata.${kind}` as const },
        // Of one object in the order in which they were found.
        subjectId: objectType,
        record: {
          ...{ change_id: changeId, connection_id: connectionId, object: objectType, field },
          ...{ name: field === null ? objectType : `${objectType}.${field}` },
          ...{ reason: wordsOf(change), before, after },
        },
      })
    }),
  )
}
