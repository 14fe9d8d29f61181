import type { DatabaseSync } from 'node:sqlite'
import { opaqueText } from './opaque-text.ts'
import { parseScopes, type Scope } from './scopes.ts'

/** What a user allowed on the approval page, to be changed into tokens. */
export interface AuthorizationCode {
  readonly clientId: string
  readonly userNumber: number
  readonly scopes: readonly Scope[]
  readonly redirectUri: string
  /** base64url of the SHA-256 of the code verifier; `null` where the app sent none. */
  readonly codeChallenge: string | null
  /** Goes into the ID token. */
  readonly nonce: string | null
}

/** Authorization codes. Writers must run inside a transaction. */
export interface CodeStore {
  issue(code: AuthorizationCode): string
  /** The code with its state. A code that was redeemed stays known for a day, to be told from a wrong one. */
  find(
    code: string,
  ): (AuthorizationCode & { readonly created: number; readonly used: boolean }) | null
  /** Makes sure that nobody redeems the code again. */
  use(code: string): void
  clear(): void
}

const TABLE = `CREATE TABLE IF NOT EXISTS oauth_code (
  code TEXT PRIMARY KEY, client_id TEXT NOT NULL, user INTEGER NOT NULL, scopes TEXT NOT NULL,
  redirect_uri TEXT NOT NULL, code_challenge TEXT, nonce TEXT,
  created INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
) STRICT`

const KEPT_MS = 24 * 3_600_000

export function createCodeStore(database: DatabaseSync, now: () => number): CodeStore {
  database.exec(TABLE)
  const insert = database.prepare(
    `INSERT INTO oauth_code (code, client_id, user, scopes, redirect_uri, code_challenge, nonce, created)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = database.prepare('SELECT * FROM oauth_code WHERE code = ?')
  const use = database.prepare('UPDATE oauth_code SET used = 1 WHERE code = ?')
  const removeOld = database.prepare('DELETE FROM oauth_code WHERE created < ?')

  return {
    issue({ clientId, userNumber, scopes, redirectUri, codeChallenge, nonce }) {
      removeOld.run(now() - KEPT_MS)
      // Real codes end in padding, which clients must encode in forms: one that does not fails here too.
      const code = `aPrx${opaqueText(48)}==`
      insert.run(
        code,
        clientId,
        userNumber,
        scopes.join(' '),
        redirectUri,
        codeChallenge,
        nonce,
        now(),
      )
      return code
    },
    find(code) {
      const row = select.get(code)
      if (row === undefined) return null
      const textOrNull = (value: unknown) => (value === null ? null : String(value))
      return {
        clientId: String(row['client_id']),
        userNumber: Number(row['user']),
        scopes: parseScopes(String(row['scopes'])) ?? [],
        redirectUri: String(row['redirect_uri']),
        codeChallenge: textOrNull(row['code_challenge']),
        nonce: textOrNull(row['nonce']),
        created: Number(row['created']),
        used: row['used'] === 1,
      }
    },
    use: (code) => void use.run(code),
    clear() {
      database.exec('DELETE FROM oauth_code')
    },
  }
}
