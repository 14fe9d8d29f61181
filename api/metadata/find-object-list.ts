import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../db/connection-row.ts'
import { createMetadataRefreshQueries, type MetadataRefresh } from '../../db/metadata-refreshes.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'

const POLL_MS = 50
/** As long as describes are good for where nothing else is set; the refresh comes more often, or as often. */
const OLD_MS = 86_400_000

/** As of when the list of objects stands in the catalogue, or why it does not. */
export type FoundObjectList =
  | { readonly status: 'found'; readonly asOf: Date }
  | {
      readonly status: 'authentication_failed' | 'query_failed' | 'unavailable'
      readonly message: string
    }

/**
 * Sees to it that the list of all objects stands in the catalogue. A workflow reads it; what is there is taken as it
 * is, and read again behind the scenes where it is a day old.
 * @param fresh whether it must be read now
 */
export async function findObjectList(
  deps: ApiDependencies,
  c: ApiContext,
  { connectionId }: Connection,
  fresh: boolean,
): Promise<FoundObjectList> {
  const refreshes = createMetadataRefreshQueries(c.var.database)
  const input = { workspaceId: c.var.workspaceId, connectionId }
  const known = await refreshes.get(connectionId)
  if (known?.asOf != null && !fresh) {
    if (Date.now() - known.asOf.getTime() > OLD_MS) {
      // Nobody waits for this one.
      void deps.starters.startListObjects(input).catch((error: unknown) => {
        deps.logger.warn({ err: error, connectionId }, 'the list of objects could not be asked for')
      })
    }
    return { status: 'found', asOf: known.asOf }
  }
  try {
    await deps.starters.startListObjects(input)
  } catch (error) {
    deps.logger.warn({ err: error, connectionId }, 'the list of objects could not be asked for')
    return { status: 'unavailable', message: 'Temporal does not answer. Try again soon.' }
  }
  const before = known?.listTriedAt?.getTime() ?? 0
  const deadline = Date.now() + deps.settings.connectionWaitMs
  while (Date.now() < deadline) {
    const now = await refreshes.get(connectionId)
    if (now !== null && (now.listTriedAt?.getTime() ?? 0) > before) return outcomeOf(now)
    await sleep(POLL_MS)
  }
  const message = 'Salesforce has not listed its objects in time. Try again soon.'
  return { status: 'unavailable', message }
}

function outcomeOf({ asOf, listErrorCode, listError }: MetadataRefresh): FoundObjectList {
  if (listErrorCode === null && asOf !== null) return { status: 'found', asOf }
  const status =
    listErrorCode === 'authentication_failed' ? 'authentication_failed' : 'query_failed'
  return { status, message: listError ?? 'Salesforce refused to list its objects.' }
}
