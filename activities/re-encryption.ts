import type {
  ReEncryptSlice,
  ReEncryptSliceInput,
  SealedValueCursor,
} from '../contracts/re-encryption.ts'
import { SEALED_COLUMNS, type SealedColumn, sealedColumnName } from '../db/sealed-columns.ts'
import { createSealedValueQueries } from '../db/sealed-values.ts'
import { SealingError } from '../security/sealing.ts'
import { heartbeatWhile } from './bulk-job/heartbeat.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { internal, unavailable } from './failures.ts'

/** Values that are held and sealed in one transaction. Batches have up to some megabytes. */
const VALUES_AT_ONCE = 20
/** Rows that one statement looks at. */
const ROWS_AT_ONCE = 1_000
/** Long enough that few steps are in a history, short enough that an operator sees progress. */
const SLICE_MS = 15_000

/**
 * Seals anew what other keys sealed, for some seconds, in the order of columns and rows. What is done stays done and
 * is not looked at again: a second attempt only goes on.
 */
export function createReEncryptSome(
  deps: Pick<ActivityDependencies, 'database' | 'sealing' | 'logger' | 'failpoint'>,
) {
  const { database, sealing, logger } = deps

  return function reEncryptSome(input: ReEncryptSliceInput): Promise<ReEncryptSlice> {
    if (sealing.keyId !== input.keyId) {
      throw unavailable(
        `This worker seals with ${sealing.keyId === null ? 'no key' : `the key ${sealing.keyId}`} and not with ${input.keyId}. Start it again with the new SALESFORCE_TOKEN_ENCRYPTION_KEY.`,
      )
    }
    return heartbeatWhile(() => walk(input))
  }

  async function walk({ workspaceId, cursor }: ReEncryptSliceInput): Promise<ReEncryptSlice> {
    const until = performance.now() + SLICE_MS
    let sealedAnew = 0
    let unreadable = 0
    let position: SealedValueCursor | null = cursor ?? beginningOf(0)
    while (position !== null) {
      if (performance.now() > until) return { cursor: position, sealedAnew, unreadable }
      const { column } = position
      const index = SEALED_COLUMNS.findIndex((each) => sealedColumnName(each) === column)
      const sealedColumn = SEALED_COLUMNS[index]
      if (sealedColumn === undefined) {
        // A release between two slices dropped it. What was done is not done again.
        position = beginningOf(0)
        continue
      }
      const page = await sealPage(workspaceId, sealedColumn, position)
      if (page.last !== null) await deps.failpoint('re-encryption.page')
      sealedAnew += page.sealedAnew
      unreadable += page.unreadable
      position = page.last === null ? beginningOf(index + 1) : { ...position, key: page.last }
    }
    return { cursor: null, sealedAnew, unreadable }
  }

  async function sealPage(workspaceId: string, column: SealedColumn, { key }: SealedValueCursor) {
    return database.transaction(async (transaction) => {
      const values = createSealedValueQueries(transaction)
      const after = key.length === 0 ? null : key
      const through = await values.rowAfter(column, after, ROWS_AT_ONCE)
      if (through === null) return { last: null, sealedAnew: 0, unreadable: 0 }
      const bounds = { after, through }
      const page = await values.lockOutdated(column, requireKey(), bounds, VALUES_AT_ONCE)
      let unreadable = 0
      for (const value of page) {
        const context = column.context(value.key)
        try {
          const opened = column.mayBeClear
            ? sealing.open(context, value.sealed)
            : sealing.openSecret(context, value.sealed)
          await values.replace(column, { key: value.key, sealed: sealing.seal(context, opened) })
        } catch (error) {
          if (!(error instanceof SealingError)) throw error
          // One of them must not keep all others from a new key; it stays as it is, and is counted.
          unreadable += 1
          logger.error({ workspaceId, value: context, err: error }, 'a sealed value does not open')
        }
      }
      return {
        // A full page may have left some behind it.
        last: page.length === VALUES_AT_ONCE ? (page[page.length - 1]?.key ?? through) : through,
        sealedAnew: page.length - unreadable,
        unreadable,
      }
    })
  }

  function requireKey(): string {
    if (sealing.keyId === null) throw internal('There is no key to seal with.')
    return sealing.keyId
  }
}

function beginningOf(index: number): SealedValueCursor | null {
  const column = SEALED_COLUMNS[index]
  return column === undefined ? null : { column: sealedColumnName(column), key: [] }
}
