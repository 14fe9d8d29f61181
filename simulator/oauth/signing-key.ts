import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'

/** The key that signs ID tokens: made when it is first needed, and kept over restarts and resets. */
export interface SigningKey {
  /** A signed JSON Web Token. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>
  /** The public half, as the JWKS endpoint shows it. */
  publicJwk(): Promise<object>
}

const TABLE = `CREATE TABLE IF NOT EXISTS oauth_signing_key (
  kid TEXT PRIMARY KEY, private_key TEXT NOT NULL
) STRICT`

/** `write` runs its argument in one transaction. */
export function createSigningKey(
  database: DatabaseSync,
  write: (work: () => void) => Promise<void>,
): SigningKey {
  database.exec(TABLE)
  const select = database.prepare('SELECT kid, private_key FROM oauth_signing_key LIMIT 1')
  const insert = database.prepare('INSERT INTO oauth_signing_key VALUES (?, ?)')
  let loading: Promise<{ readonly kid: string; readonly key: KeyObject }> | null = null

  async function load() {
    const row = select.get()
    if (row !== undefined) {
      return { kid: String(row['kid']), key: createPrivateKey(String(row['private_key'])) }
    }
    const kid = randomUUID()
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await write(() => void insert.run(kid, pem))
    return { kid, key: privateKey }
  }

  function current() {
    loading ??= load().catch((error) => {
      // The next caller tries again.
      loading = null
      throw error
    })
    return loading
  }

  return {
    async sign(claims) {
      const { kid, key } = await current()
      const header = { alg: 'RS256', kid, typ: 'JWT' }
      const content = [header, claims].map(encodePart).join('.')
      const signature = sign('RSA-SHA256', Buffer.from(content), key).toString('base64url')
      return `${content}.${signature}`
    },
    async publicJwk() {
      const { kid, key } = await current()
      const jwk = createPublicKey(key).export({ format: 'jwk' })
      return { ...jwk, kid, use: 'sig', alg: 'RS256' }
    },
  }
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
