import type { MetadataInput } from '../../contracts/metadata.ts'
import { createMetadataRefreshQueries } from '../../db/metadata-refreshes.ts'
import { isSalesforceError } from '../../salesforce/errors.ts'
import type { ActivityDependencies } from '../dependencies.ts'
import type { ObjectListReader } from './read-object-list.ts'

/** What the workflow `listObjects` does; somebody waits for its outcome in the connection's row. */
export function createListObjects(
  { database, logger }: Pick<ActivityDependencies, 'database' | 'logger'>,
  readObjectList: ObjectListReader,
) {
  return async function listObjects(input: MetadataInput): Promise<void> {
    const { connectionId, workspaceId } = input
    try {
      await readObjectList({ connectionId, workspaceId })
    } catch (error) {
      const code = isSalesforceError(error) ? finalCode(error.kind) : null
      if (code === null || !(error instanceof Error)) throw error
      await createMetadataRefreshQueries(database).setListFailed(
        { connectionId, workspaceId },
        ...([code, error.message] as const),
      )
      logger.warn({ connectionId, code }, 'the list of objects was refused')
    }
  }
}

/** The word for what no repeat mends; null for what may pass. */
function finalCode(kind: string): 'authentication_failed' | 'query_failed' | null {
  switch (kind) {
    case 'authentication':
      return 'authentication_failed'
    case 'permission':
    case 'feature_not_enabled':
    case 'api_disabled':
    case 'quota_daily':
    case 'not_found':
    case 'invalid_state':
    case 'invalid_request':
      return 'query_failed'
    default:
      return null
  }
}
