import type { DatabaseSync } from 'node:sqlite'

/** A lookup that was emptied because its record was deleted. */
export interface ClearedLookup {
  readonly object: string
  readonly n: number
  readonly field: string
}

/** What has to be filled again when a deleted record comes back. Must run inside a transaction. */
export interface ClearedLookups {
  add(parentId: string, object: string, n: number, field: string): void
  /** Gives and forgets what belongs to a record. */
  take(parentId: string): ClearedLookup[]
}

export function createClearedLookups(database: DatabaseSync): ClearedLookups {
  database.exec(`CREATE TABLE IF NOT EXISTS cleared_lookup (
    parent TEXT NOT NULL, object TEXT NOT NULL, n INTEGER NOT NULL, field TEXT NOT NULL,
    PRIMARY KEY (parent, object, n, field)
  ) STRICT, WITHOUT ROWID`)
  const add = database.prepare('INSERT OR REPLACE INTO cleared_lookup VALUES (?, ?, ?, ?)')
  const read = database.prepare('SELECT object, n, field FROM cleared_lookup WHERE parent = ?')
  const forget = database.prepare('DELETE FROM cleared_lookup WHERE parent = ?')
  return {
    add: (parentId, object, n, field) => void add.run(parentId, object, n, field),
    take(parentId) {
      const found = read.all(parentId).map((row) => ({
        object: String(row['object']),
        n: Number(row['n']),
        field: String(row['field']),
      }))
      if (found.length > 0) forget.run(parentId)
      return found
    },
  }
}
