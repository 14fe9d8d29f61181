import type { Org } from '../http/org-context.ts'
import { createQueryAnswers } from '../routes/answer-query.ts'
import { appearanceResources } from '../routes/appearance.ts'
import { collectionResources } from '../routes/collections.ts'
import { collectionRetrieveResource } from '../routes/collections-retrieve.ts'
import { compositeResource } from '../routes/composite.ts'
import { compositeBatchResource } from '../routes/composite-batch.ts'
import { describeResources } from '../routes/describe.ts'
import { layoutResources } from '../routes/layouts.ts'
import { limitResources } from '../routes/limits.ts'
import { listViewResources } from '../routes/list-views.ts'
import { queryResources } from '../routes/query.ts'
import { recentResource } from '../routes/recent.ts'
import { recordResources } from '../routes/records.ts'
import { deepRecordResource } from '../routes/records-related.ts'
import { replicationResources } from '../routes/replication.ts'
import { versionResource } from '../routes/versions.ts'
import { createResourceTable, type ResourceTable } from './resource-table.ts'

/** The resources that calls and composite calls share. Words stand before names. */
export function allResources(org: Org): ResourceTable {
  // One set of open cursors, whichever resource opened them.
  const queries = createQueryAnswers(org)
  // Composite calls look the others up when they run.
  const table = (): ResourceTable => all
  const all = createResourceTable([
    versionResource(org),
    ...limitResources(org),
    recentResource(org),
    ...queryResources(queries),
    ...appearanceResources(org),
    ...layoutResources(org),
    ...listViewResources(org),
    ...describeResources(org),
    ...replicationResources(org),
    ...recordResources(org),
    deepRecordResource(org, queries),
    compositeBatchResource(org, table),
    ...collectionResources(org),
    collectionRetrieveResource(org),
    compositeResource(org, table),
  ])
  return all
}
