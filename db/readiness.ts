import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** The migrations that the database has, by name. Rejects where the database does not answer. */
export async function appliedMigrations(
  connection: CommonQueryMethods,
): Promise<readonly string[]> {
  return connection.anyFirst(sql.type(row<{ name: string }>())`
    select name from conveyor_migrations order by name`)
}
