import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * Gives a query its row type without checking rows at run time.
 * Rows come from our own tables under our own migrations, and validating each of a large set
 * stalls the event loop (gajus/slonik#539).
 */
export function row<T>(): StandardSchemaV1<T, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'conveyor',
      // The type is asserted by the SQL text beside it, as with any SQL driver.
      validate: (value) => ({ value: value as T }),
    },
  }
}
