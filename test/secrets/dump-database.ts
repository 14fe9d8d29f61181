import { sql } from 'slonik'
import type { DatabasePool } from '../../db/pool.ts'
import { row } from '../../db/row-type.ts'

/** Every row of every table as text, bytes in hex. */
export async function dumpDatabase(pool: DatabasePool): Promise<string> {
  const tables = await pool.anyFirst(sql.type(row<{ name: string }>())`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'm') order by 1`)
  const dumped: string[] = []
  for (const table of tables) {
    const rows = await pool.anyFirst(sql.type(row<{ line: string }>())`
      select t::text as line from ${sql.identifier([table])} t`)
    dumped.push(`-- ${table}`, ...rows)
  }
  return dumped.join('\n')
}
