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
    /** The row that is `distance` rows after the given one, or the last; null where there is none after it. */
    async rowAfter(
      sealedColumn: SealedColumn,
      after: RowKey | null,
      distance: number,
    ): Promise<RowKey | null> {
      const { table, key } = namesOf(sealedColumn)
      const position =
        after === null
          ? sql.fragment``
          : sql.fragment`where (${list(key)}) > (${listValues(after)})`
      const found = await connection.maybeOne(
        sql.type(row<Record<string, string | number>>())`
        select ${selectedKey(key)} from (
          select ${list(key)} from ${table} ${position} order by ${list(key)} limit ${distance}) as near
        order by ${list(key.map((name) => sql.fragment`${name} desc`))} limit 1`,
      )
      return found === null ? null : keyOf(found, key.length)
    },

    /**
     * Up to `limit` values of the column that another key sealed, or none, in order of their rows after the one and
     * up to the other: the bounds keep a look at millions that are done short. They are held until the transaction ends, so that nobody writes between reading and sealing anew.
     */
    async lockOutdated(
      sealedColumn: SealedColumn,
      keyId: string,
      { after, through }: { readonly after: RowKey | null; readonly through: RowKey },
      limit: number,
    ): Promise<SealedValue[]> {
      const { table, column, key } = namesOf(sealedColumn)
      const position =
        after === null ? sql.fragment`` : sql.fragment`and (${list(key)}) > (${listValues(after)})`
      const found = await connection.any(
        sql.type(row<Record<string, string | number> & { sealed: Buffer }>())`
        select ${selectedKey(key)}, ${column} as sealed from ${table}
        where ${column} is not null and substring(${column} from 1 for 5) <> ${headOf(keyId)}
          ${position} and (${list(key)}) <= (${listValues(through)})
        order by ${list(key)} limit ${limit} for update`,
      )
      return found.map(({ sealed, ...named }) => ({ key: keyOf(named, key.length), sealed }))
    },

    /** Puts the value that was just sealed anew into its row. */
    async replace(sealedColumn: SealedColumn, { key, sealed }: SealedValue): Promise<void> {
      const { table, column, key: names } = namesOf(sealedColumn)
      await connection.query(sql.type(row<never>())`
        update ${table} set ${column} = ${sql.binary(sealed)}
        where (${list(names)}) = (${listValues(key)})`)
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

type Part = ReturnType<typeof sql.fragment> | ReturnType<typeof sql.identifier>

function list(parts: readonly Part[]) {
  return sql.join([...parts], sql.fragment`, `)
}

const listValues = (key: RowKey) => list(key.map((value) => sql.fragment`${value}`))

/** By place, as columns of two tables may have one name. */
const placeName = (place: number) => `k${place}`

function selectedKey(names: readonly ReturnType<typeof sql.identifier>[]) {
  return list(
    names.map((name, place) => sql.fragment`${name} as ${sql.identifier([placeName(place)])}`),
  )
}

function keyOf(selected: Readonly<Record<string, string | number>>, length: number): RowKey {
  return Array.from({ length }, (_, place) => {
    const value = selected[placeName(place)]
    if (value === undefined) throw new Error('A row was read without its key.')
    return value
  })
}
