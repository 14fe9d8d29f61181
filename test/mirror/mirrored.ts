import { sql } from 'slonik'
import { type MirrorBody, MirrorSchema } from '../../contracts/http/mirror.ts'
import { MIRROR_OBJECTS, type MirrorObject } from '../../contracts/mirror.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { MIRROR_TABLES } from '../../db/mirror-tables.ts'
import { row } from '../../db/row-type.ts'
import { postJson } from '../api/test-api.ts'
import type { TestConveyor } from '../setup/conveyor.ts'
import { type TestOrg, until } from '../setup/simulator.ts'

type Value = string | number | boolean | null
/** Values of one record by column. */
export type Row = Readonly<Record<string, Value>>

const pathOf = (connectionId: string) => `/v1/connections/${connectionId}/mirror`

export async function lookAtMirror(
  url: string,
  connectionId: string = DEFAULT_CONNECTION_ID,
): Promise<MirrorBody> {
  return MirrorSchema.parse(await (await fetch(url + pathOf(connectionId))).json())
}

/** Of one object. */
export function ofObject(mirror: MirrorBody, object: MirrorObject): MirrorBody['objects'][number] {
  const found = mirror.objects.find((each) => each.object === object)
  if (found === undefined) throw new Error(`${object} is not mirrored.`)
  return found
}

/** Asks for a run and waits until it has come to its end. */
export async function refresh(
  url: string,
  options: { readonly reconcile?: boolean; readonly ms?: number } = {},
): Promise<MirrorBody> {
  const answer = await postJson(`${url}${pathOf(DEFAULT_CONNECTION_ID)}/refresh`, {
    reconcile: options.reconcile ?? false,
  })
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`)
  await until(
    async () => {
      const { run } = await lookAtMirror(url)
      return !run.asked_for && run.state !== 'running'
    },
    options.ms ?? 60_000,
    'the pull to end',
  )
  return lookAtMirror(url)
}

/** What the org shows of an object, by id, as the mirror should hold it. */
export async function shownByOrg(org: TestOrg, object: MirrorObject): Promise<Map<string, Row>> {
  const shown = new Map<string, Row>()
  for (const record of await org.records(object)) {
    if (record['IsDeleted'] === true) continue
    shown.set(String(record['Id']), byColumn(object, record))
  }
  return shown
}

function byColumn(object: MirrorObject, record: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    MIRROR_TABLES[object].columns.map(({ column, field, type }) => {
      const value = record[field] ?? null
      if (value === null) return [column, null]
      if (type === 'timestamptz') return [column, instant(String(value))]
      if (type === 'numeric' || type === 'int4') return [column, Number(value)]
      return [column, type === 'bool' ? value === true : String(value)]
    }),
  )
}

function instant(text: string): string {
  const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return new Date(at).toISOString()
}

/** What the mirror holds of an object, by id; deleted rows are left out. */
export async function held(
  { pool }: Pick<TestConveyor, 'pool'>,
  object: MirrorObject,
): Promise<Map<string, Row>> {
  const { table, pull, columns } = MIRROR_TABLES[object]
  const live = pull === 'pages' ? sql.fragment`where deleted_at is null` : sql.fragment``
  const found = await pool.any(sql.type(row<{ id: string; record: Record<string, Value> }>())`
    select id, to_jsonb(t) as record from ${sql.identifier([table])} t ${live}`)
  return new Map(
    found.map(({ id, record }) => [
      id,
      Object.fromEntries(
        columns.map(({ column, type }) => {
          const value = record[column] ?? null
          return [column, value !== null && type === 'timestamptz' ? instant(String(value)) : value]
        }),
      ),
    ]),
  )
}

/** What differs between the org and the mirror, one line each; none where they are the same. */
export async function differences(conveyor: TestConveyor): Promise<readonly string[]> {
  const found: string[] = []
  for (const object of MIRROR_OBJECTS) {
    if (object === 'CurrencyType') continue
    const [shown, kept] = [await shownByOrg(conveyor.org, object), await held(conveyor, object)]
    for (const [id, record] of shown) {
      const mine = kept.get(id)
      if (mine === undefined) found.push(`${object} ${id} is missing`)
      else if (JSON.stringify(mine) !== JSON.stringify(record)) {
        found.push(`${object} ${id}: ${JSON.stringify(mine)} for ${JSON.stringify(record)}`)
      }
    }
    for (const id of kept.keys()) if (!shown.has(id)) found.push(`${object} ${id} is too many`)
  }
  return found
}
