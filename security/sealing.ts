import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

const PLAIN = 0
const AES_256_GCM = 2
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const NONCE_AT = 1 + KEY_ID_BYTES
const TAG_AT = NONCE_AT + NONCE_BYTES
const BODY_AT = TAG_AT + TAG_BYTES

/** Bytes that cannot be opened: a key that is not there, the wrong place, or damage. */
export class SealingError extends Error {
  override readonly name = 'SealingError'
}

export interface SealingKey {
  /** Eight hex digits that stand in every record which the key sealed. They tell nothing of the key. */
  readonly id: string
  readonly secret: KeyObject
}

export interface Sealing {
  /** The key that seals; null where there is none, and nothing is sealed. */
  readonly keyId: string | null
  /** `context` says where the bytes live (table, row, column): bytes moved elsewhere do not open. */
  seal(context: string, bytes: Buffer): Buffer
  /** @throws {SealingError} */
  open(context: string, sealed: Buffer): Buffer
  /**
   * For what is never stored in clear: bytes that are not sealed do not open either, so that nobody who can only
   * write to the store puts a secret of their own there. @throws {SealingError}
   */
  openSecret(context: string, sealed: Buffer): Buffer
}

/** The key made of an operator's secret, whatever its form. */
export function deriveSealingKey(secret: string): SealingKey {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, 'conveyor', purpose, bytes))
  return {
    id: derive('sealing key id', KEY_ID_BYTES).toString('hex'),
    // Made once: a key given as bytes is prepared anew for each blob, which takes longer than the sealing.
    secret: createSecretKey(derive('sealing', 32)),
  }
}

/** Which key sealed these bytes; null for bytes that are not sealed. */
export function sealingKeyId(sealed: Buffer): string | null {
  return sealed[0] === AES_256_GCM ? sealed.subarray(1, NONCE_AT).toString('hex') : null
}

/**
 * AES-256-GCM with a random nonce, by the first of the keys; any of them opens what it sealed, so that a new one
 * can be put before the old. Without a key bytes pass with a marker only, so that one can be set later and what
 * was stored before still opens.
 */
export function createSealing(keys: readonly SealingKey[]): Sealing {
  const newest = keys[0] ?? null
  const byId = new Map(keys.map((key) => [key.id, key.secret]))
  const head = Buffer.from([AES_256_GCM, ...Buffer.from(newest?.id ?? '', 'hex')])
  return {
    keyId: newest?.id ?? null,
    seal(context, bytes) {
      if (newest === null) return Buffer.concat([Buffer.from([PLAIN]), bytes])
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', newest.secret, nonce)
      cipher.setAAD(Buffer.from(context))
      // All of it at once: the mode has no blocks to fill. Batches are large, so they are copied once only.
      const body = cipher.update(bytes)
      cipher.final()
      return Buffer.concat([head, nonce, cipher.getAuthTag(), body])
    },
    open: (context, sealed) =>
      sealed[0] === PLAIN ? sealed.subarray(1) : openSealed(context, sealed),
    openSecret: openSealed,
  }

  function openSealed(context: string, sealed: Buffer): Buffer {
    const keyId = sealingKeyId(sealed)
    if (keyId === null || sealed.length < BODY_AT) {
      throw new SealingError(`${context} is damaged or of another release.`)
    }
    const secret = byId.get(keyId)
    if (secret === undefined) {
      throw new SealingError(
        `${context} is sealed with the key ${keyId}, which SALESFORCE_TOKEN_ENCRYPTION_KEY does not hold. Add that key behind the newest one.`,
      )
    }
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(NONCE_AT, TAG_AT))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(sealed.subarray(TAG_AT, BODY_AT))
    try {
      const opened = decipher.update(sealed.subarray(BODY_AT))
      decipher.final()
      return opened
    } catch (error) {
      throw new SealingError(`${context} does not open: its bytes were moved or changed.`, {
        cause: error,
      })
    }
  }
}
