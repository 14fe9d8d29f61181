import type { DatabaseSync } from 'node:sqlite'
import { type ClientApp, clientAppSchema } from './client-app.ts'

/** The client apps of the org. Writers must run inside a transaction. */
export interface AppStore {
  get(clientId: string): ClientApp | null
  list(): ClientApp[]
  /** Adds an app, or puts it in the place of the one with its id. */
  save(app: ClientApp): void
  remove(clientId: string): boolean
  /** Makes sure of the app of the start options; the one of an earlier start goes, if it had another id. */
  ensureDefault(app: ClientApp): void
  clear(): void
}

const TABLE = `CREATE TABLE IF NOT EXISTS oauth_app (
  client_id TEXT PRIMARY KEY, is_default INTEGER NOT NULL DEFAULT 0, app TEXT NOT NULL
) STRICT`

export function createAppStore(database: DatabaseSync): AppStore {
  database.exec(TABLE)
  const select = database.prepare('SELECT app FROM oauth_app WHERE client_id = ?')
  const all = database.prepare('SELECT app FROM oauth_app ORDER BY rowid')
  const put = database.prepare(
    `INSERT INTO oauth_app (client_id, app) VALUES (?, ?)
     ON CONFLICT (client_id) DO UPDATE SET app = excluded.app`,
  )
  const markDefault = database.prepare('UPDATE oauth_app SET is_default = 1 WHERE client_id = ?')
  const removeOtherDefault = database.prepare(
    'DELETE FROM oauth_app WHERE is_default = 1 AND client_id <> ?',
  )
  const remove = database.prepare('DELETE FROM oauth_app WHERE client_id = ?')
  const clear = database.prepare('DELETE FROM oauth_app')

  const read = (row: Record<string, unknown>): ClientApp =>
    clientAppSchema.parse(JSON.parse(String(row['app'])))

  function get(clientId: string): ClientApp | null {
    const row = select.get(clientId)
    return row === undefined ? null : read(row)
  }
  function save(app: ClientApp): void {
    put.run(app.clientId, JSON.stringify(app))
  }

  return {
    get,
    list: () => all.all().map(read),
    save,
    remove: (clientId) => remove.run(clientId).changes > 0,
    ensureDefault(app) {
      removeOtherDefault.run(app.clientId)
      const stored = get(app.clientId)
      // What an administrator changed while the org ran is kept; the secret is the option's.
      save(stored === null ? app : { ...stored, clientSecret: app.clientSecret })
      markDefault.run(app.clientId)
    },
    clear: () => void clear.run(),
  }
}
