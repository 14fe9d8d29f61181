import { nearestName } from '../../bulk/nearest-name.ts'
import { isObjectName } from '../../contracts/event-types.ts'
import type { ObjectDescribe } from '../../contracts/metadata.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import type { ApiContext } from '../dependencies.ts'
import type { DescribeLookup } from '../staging/describe-lookup.ts'

/** What is known of an object, or why nothing is. */
export type FoundDescribe =
  | { readonly status: 'found'; readonly describe: ObjectDescribe; readonly asOf: Date }
  | { readonly status: 'unknown_object'; readonly message: string }
  | { readonly status: 'authentication_failed' | 'unavailable'; readonly message: string }

/** Finds the describe of an object: from the cache, and where it is not there, by asking Salesforce and waiting a little. */
export async function findDescribe(
  c: ApiContext,
  lookup: DescribeLookup,
  connection: Connection,
  objectType: string,
): Promise<FoundDescribe> {
  const { connectionId } = connection
  if (!isObjectName(objectType)) return unknownObject(c, connectionId, objectType)
  const subject = { workspaceId: c.var.workspaceId, connectionId, objectType }
  let entry = await lookup.find(subject)
  // Kept by an earlier release: it would show guesses.
  if (entry?.outdated) entry = await lookup.refresh(subject, entry)
  if (entry !== null && !entry.outdated) {
    const { describe, fetchedAt } = entry
    if (describe === null) return unknownObject(c, connectionId, objectType)
    return { status: 'found', describe, asOf: fetchedAt }
  }
  // Looked at now: the attempt that was waited for may have found out.
  const now = await createConnectionQueries(c.var.database).get(connectionId)
  if (now !== null && now.status !== 'connected') {
    const message = 'Salesforce does not let this connection in any more. Authorise it again.'
    return { status: 'authentication_failed', message }
  }
  const message = 'Salesforce has not described the object in time. Try again soon.'
  return { status: 'unavailable', message }
}

async function unknownObject(
  c: ApiContext,
  connectionId: string,
  objectType: string,
): Promise<FoundDescribe> {
  const names = [
    ...(await createObjectCatalogueQueries(c.var.database).names(connectionId)),
    ...(await createDescribeCacheQueries(c.var.database).objectNames(connectionId)),
  ]
  const nearest = nearestName(objectType.slice(0, MOST_COMPARED), names)
  const advice = nearest === null ? '' : ` Did you mean ${nearest}?`
  return {
    status: 'unknown_object',
    message: `The org has no object of this name, or the integration user cannot see it.${advice}`,
  }
}

/** Names are at most this long; the work of comparing grows with the square. */
const MOST_COMPARED = 80
