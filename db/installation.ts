import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** The installation's id, made once. It is part of every workflow id and task queue. */
export async function installationId(connection: CommonQueryMethods): Promise<string> {
  await connection.query(sql.type(row<never>())`
    insert into installation (installation_id)
    values (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)) on conflict do nothing`)
  return connection.oneFirst(sql.type(row<{ installation_id: string }>())`
    select installation_id from installation`)
}
