import type { MetadataInput } from '../../contracts/metadata.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { createMetadataRefreshQueries } from '../../db/metadata-refreshes.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { createCustomObjectsCacheQueries } from '../../db/salesforce-custom-objects-cache.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import { unavailable } from '../failures.ts'
import { objectDifference } from './diff-describes.ts'
import { recordChanges } from './record-changes.ts'

export type ObjectListReader = ReturnType<typeof createObjectListReader>

/** Asks for the list of all objects, makes the catalogue the same, and tells of what came and went. Safe to repeat. */
export function createObjectListReader(
  deps: Pick<ActivityDependencies, 'database' | 'connections' | 'sealing' | 'webhooks'>,
) {
  const { database, sealing } = deps

  /** @returns how many differences there were */
  return async function readObjectList(input: MetadataInput): Promise<number> {
    const { connectionId, workspaceId } = input
    const known = await createMetadataRefreshQueries(database).get(connectionId)
    const client = await deps.connections.clientFor(connectionId)
    const answer = await client.describeGlobal({ ifModifiedSince: known?.listLastModified ?? null })
    // Every org has objects: with none, all that is known of it would be lost to a slip of something in between.
    if (answer.status === 'found' && answer.objects.length === 0) {
      throw unavailable('Salesforce listed no object at all.')
    }
    const changes = await database.transaction(async (transaction) => {
      const refreshes = createMetadataRefreshQueries(transaction)
      const { baselineAt, listLastModified } = await refreshes.lock(input)
      if (answer.status === 'not_modified') {
        await refreshes.setListRead(connectionId, listLastModified)
        return 0
      }
      const news = await createObjectCatalogueQueries(transaction).replace(input, answer.objects)
      await refreshes.setListRead(connectionId, answer.lastModified)
      await createCustomObjectsCacheQueries(transaction).deleteOf(connectionId)
      await createDescribeCacheQueries(transaction).expire(
        connectionId,
        [...news.removed, ...news.added].map(({ name }) => name),
      )
      // Before a look that saw all nobody knows what is new.
      if (baselineAt === null) return 0
      const differences = [
        ...news.removed.map((object) => objectDifference('object_removed', object)),
        ...news.added.map((object) => objectDifference('object_added', object)),
      ]
      await recordChanges(transaction, sealing, { connectionId, workspaceId }, differences)
      return differences.length
    })
    if (changes > 0) deps.webhooks.onOwnEvents()
    return changes
  }
}
