import { defineSearchAttributeKey } from '@temporalio/common'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import type { TemporalConnection } from './connect.ts'

export const searchAttributeKeys = {
  connection: defineSearchAttributeKey(SEARCH_ATTRIBUTES.connection, 'KEYWORD'),
  object: defineSearchAttributeKey(SEARCH_ATTRIBUTES.object, 'KEYWORD'),
  operation: defineSearchAttributeKey(SEARCH_ATTRIBUTES.operation, 'KEYWORD'),
  status: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, 'KEYWORD'),
} as const

/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2

/**
 * Lists the namespace's search attributes, makes those that are missing, and lists again: the development
 * server ignores its start flag on an existing file. Returns what is wrong, null when all are there.
 */
export async function ensureSearchAttributes(temporal: TemporalConnection): Promise<string | null> {
  const { connection } = temporal.client
  const wanted = Object.values(SEARCH_ATTRIBUTES)
  const missing = await missingAttributes(temporal, wanted)
  if (missing.length === 0) return null
  try {
    await connection.operatorService.addSearchAttributes({
      namespace: temporal.namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    })
  } catch (error) {
    // Another process may have made them between our two looks; the second look decides.
    const still = await missingAttributes(temporal, wanted)
    if (still.length === 0) return null
    return `search attributes ${still.join(', ')} are missing and could not be made: ${String(error)}`
  }
  // New attributes reach the server's cache within seconds; starts that use them fail before.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const still = await missingAttributes(temporal, wanted)
    if (still.length === 0) return null
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return `search attributes ${missing.join(', ')} were made but do not show`
}

async function missingAttributes(
  temporal: TemporalConnection,
  wanted: readonly string[],
): Promise<string[]> {
  const { customAttributes } =
    await temporal.client.connection.operatorService.listSearchAttributes({
      namespace: temporal.namespace,
    })
  return wanted.filter((name) => customAttributes?.[name] !== KEYWORD)
}
