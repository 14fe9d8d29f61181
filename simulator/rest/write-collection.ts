import type { Org } from '../http/org-context.ts'
import { savepoint } from '../store/database.ts'
import type { WriteResult } from '../store/record-writer.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { RestAnswer } from './resource.ts'

/** A record of a collection that is to be written. */
export interface CollectionWrite {
  /** What speaks against it before it is tried. */
  readonly error: RowError | null
  /** The id that the caller gave; `null` for a record that is being made. */
  readonly id: string | null
  /** For upserts: whether no record has the key yet. */
  readonly created?: boolean
  readonly run: () => WriteResult
}

class RolledBack extends Error {
  override name = 'RolledBack'
}

/** Writes records in their order, all or each by itself, and answers with a result for each. */
export function writeCollection(
  org: Org,
  writes: readonly CollectionWrite[],
  allOrNone: boolean,
): RestAnswer {
  const results: WriteResult[] = []
  const runAll = (): void => {
    for (const { error, run } of writes) {
      results.push(error === null ? run() : { ok: false, error, id: null })
    }
    if (allOrNone && results.some((result) => !result.ok)) throw new RolledBack()
  }
  let isRolledBack = false
  try {
    savepoint(org.database, runAll)
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    isRolledBack = true
  }
  return {
    status: 200,
    hasRefusals: results.some((result) => !result.ok),
    body: results.map((result, index) => shown(result, writes[index], isRolledBack)),
  }
}

function shown(
  result: WriteResult,
  write: CollectionWrite | undefined,
  isRolledBack: boolean,
): object {
  const created = write?.created === undefined ? {} : { created: write.created }
  if (result.ok && !isRolledBack) return { id: result.id, success: true, errors: [], ...created }
  // A record that was there before keeps its id in the answer; a refused one is shown without.
  const id = result.ok && write !== undefined && write.id !== null ? { id: write.id } : {}
  const error = result.ok ? ROLLED_BACK : result.error
  const { code, message, fields } = error
  return { ...id, success: false, errors: [{ statusCode: code, message, fields }], ...created }
}

const ROLLED_BACK = rowError(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
)
