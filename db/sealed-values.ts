import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'
import type { RowKey, SealedColumn } from './sealed-columns.ts'

export interface SealedValue {
  readonly key: RowKey
  readonly sealed: Buffer
}

export interface SealedCount {
  /** Null for values that lie there in clear. */
  readonly keyId: string | null
  readonly values: number
}

/** As `security/sealing.ts` writes it: one byte for the form, four for the key. */
const SEALED_FORM = 2

export function createSealedValueQueries(connection: CommonQueryMethods) {
  return {
    /**
     * Up to `limit` values of the column that another key sealed, or none, in order of their rows after the given
     * one. They are held until the transaction ends, so that nobody writes between reading and sealing anew.
     */
    async lockOutdated(
      sealedColumn: SealedColumn,
      keyId: string,
      after: RowKey | null,
      limit: number,
    ): Promise<SealedValue[]> {
      const { table, column, key } = namesOf(sealedColumn)
      const position =
        after === null
          ? sql.fragment``
          : sql.fragment`and (${list(key)}) > (${list(after.map((value) => sql.fragment`${value}`))})`
      const selected = key.map((name, at) => sql.fragment`${name} as ${sql.identifier([`k${at}`])}`)
      const found = await connection.any(
        sql.type(row<Record<string, string | number> & { sealed: Buffer }>())`
        select ${list(selected)}, ${column} as sealed from ${table}
        where ${column} is not null and substring(${column} from 1 for 5) <> ${headOf(keyId)} ${position}
        order by ${list(key)} limit ${limit} for update`,
      )
      return found.map(({ sealed, ...named }) => ({
        key: key.map((_, at) => named[`k${at}`] ?? ''),
        sealed,
      }))
    },

    /** Puts the value that was just sealed anew into its row. */
    async replace(sealedColumn: SealedColumn, { key, sealed }: SealedValue): Promise<void> {
      const { table, column, key: names } = namesOf(sealedColumn)
      await connection.query(sql.type(row<never>())`
        update ${table} set ${column} = ${sql.binary(sealed)}
        where (${list(names)}) = (${list(key.map((value) => sql.fragment`${value}`))})`)
    },

    /** How many values each key sealed. */
    async count(sealedColumn: SealedColumn): Promise<SealedCount[]> {
      const { table, column } = namesOf(sealedColumn)
      const found = await connection.any(
        sql.type(row<{ key_id: string | null; values: number }>())`
        select case get_byte(${column}, 0) when ${SEALED_FORM}
            then encode(substring(${column} from 2 for 4), 'hex') end as key_id, count(*) as values
        from ${table} where ${column} is not null and octet_length(${column}) > 0
        group by 1 order by 1`,
      )
      return found.map((each) => ({ keyId: each.key_id, values: each.values }))
    },
  }
}

function namesOf({ table, column, key }: SealedColumn) {
  return {
    table: sql.identifier([table]),
    column: sql.identifier([column]),
    key: key.map((name) => sql.identifier([name])),
  }
}

function headOf(keyId: string) {
  return sql.binary(Buffer.from([SEALED_FORM, ...Buffer.from(keyId, 'hex')]))
}

function list(
  parts: readonly (ReturnType<typeof sql.fragment> | ReturnType<typeof sql.identifier>)[],
) {
  return sql.join([...parts], sql.fragment`, `)
}
