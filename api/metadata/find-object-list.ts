import { setTimeout as sleep } from 'node:timers/promises'
import type { MetadataInput } from '../../contracts/metadata.ts'
import type { Connection } from '../../db/connection-row.ts'
import { createMetadataRefreshQueries, type MetadataRefresh } from '../../db/metadata-refreshes.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'

const FIRST_LOOK_MS = 30
const LONGEST_LOOK_MS = 250

/** As of when the list of objects stands in the catalogue, or why it does not. */
export type FoundObjectList =
  | {
      readonly status: 'found'
      readonly asOf: Date
      /** Whether Salesforce was asked for it now. */
      readonly fresh: boolean
    }
  | {
      readonly status: 'authentication_failed' | 'query_failed' | 'unavailable'
      readonly message: string
    }

/**
 * Sees to it that the list of all objects stands in the catalogue; a workflow reads it.
 * @param wanted `fresh`: read now; `good`: read within the time that it is good for; `any`: as it is, and read again
 * behind the scenes where it is past that
 */
export async function findObjectList(
  deps: ApiDependencies,
  c: ApiContext,
  { connectionId }: Connection,
  wanted: 'fresh' | 'good' | 'any',
): Promise<FoundObjectList> {
  const refreshes = createMetadataRefreshQueries(c.var.database)
  const input = { workspaceId: c.var.workspaceId, connectionId }
  const known = await refreshes.get(connectionId)
  if (known?.asOf != null && wanted !== 'fresh') {
    const isGood = Date.now() - known.asOf.getTime() < deps.settings.metadataTtlMs
    // Nobody waits for this one.
    if (!isGood && wanted === 'any') void ask(deps, input)
    if (isGood || wanted === 'any') return { status: 'found', asOf: known.asOf, fresh: false }
  }
  if (!(await ask(deps, input))) {
    return { status: 'unavailable', message: 'Temporal does not answer. Try again soon.' }
  }
  const before = known?.listTriedAt?.getTime() ?? 0
  const deadline = Date.now() + deps.settings.connectionWaitMs
  let pauseMs = FIRST_LOOK_MS
  while (Date.now() < deadline) {
    const now = await refreshes.get(connectionId)
    if (now !== null && (now.listTriedAt?.getTime() ?? 0) > before) return outcomeOf(now)
    await sleep(pauseMs)
    pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)
  }
  const message = 'Salesforce has not listed its objects in time. Try again soon.'
  return { status: 'unavailable', message }
}

async function ask(deps: ApiDependencies, input: MetadataInput): Promise<boolean> {
  try {
    await deps.starters.startListObjects(input)
    return true
  } catch (error) {
    const { connectionId } = input
    deps.logger.warn({ err: error, connectionId }, 'the list of objects could not be asked for')
    return false
  }
}

function outcomeOf({ asOf, listErrorCode, listError }: MetadataRefresh): FoundObjectList {
  if (listErrorCode === null && asOf !== null) return { status: 'found', asOf, fresh: true }
  const status =
    listErrorCode === 'authentication_failed' ? 'authentication_failed' : 'query_failed'
  return { status, message: listError ?? 'Salesforce refused to list its objects.' }
}
