import type { MetadataInput, ObjectSummary } from '../../contracts/metadata.ts'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { createMetadataRefreshQueries } from '../../db/metadata-refreshes.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import type { DatabasePool } from '../../db/pool.ts'

export const OF_DEFAULT = {
  connectionId: DEFAULT_CONNECTION_ID,
  workspaceId: DEFAULT_WORKSPACE_ID,
} as const

/** A line of the list of all objects. */
export function summaryFixture(name: string, facts: Partial<ObjectSummary> = {}): ObjectSummary {
  return {
    ...{ name, label: name, labelPlural: `${name}s`, keyPrefix: null },
    custom: name.endsWith('__c'),
    ...{ createable: true, updateable: true, deletable: true, queryable: true, retrieveable: true },
    ...facts,
  }
}

/** Makes the catalogue what Salesforce is taken to have listed now. */
export async function listObjects(
  pool: DatabasePool,
  objects: readonly ObjectSummary[],
  of: MetadataInput = OF_DEFAULT,
): Promise<void> {
  await pool.transaction(async (transaction) => {
    await createMetadataRefreshQueries(transaction).lock(of)
    await createObjectCatalogueQueries(transaction).replace(of, objects)
    await createMetadataRefreshQueries(transaction).setListRead(of.connectionId, null)
  })
}
