import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto'

const PLAIN = 0
const AES_256_GCM = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Bytes that cannot be opened: wrong key, wrong place, or damage. */
export class SealingError extends Error {
  override readonly name = 'SealingError'
}

export interface Sealing {
  /** `context` says where the bytes live (table, row, column): bytes moved elsewhere do not open. */
  seal(context: string, bytes: Buffer): Buffer
  open(context: string, sealed: Buffer): Buffer
}

/** The 32-byte key made of the operator's secret, whatever its form. */
export function deriveSealingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'conveyor', 'sealing', 32))
}

/**
 * AES-256-GCM with a random nonce. Without a key bytes pass with a marker only,
 * so that a key can be set later and what was stored before still opens.
 */
export function createSealing(secret: Buffer | null): Sealing {
  // Made once: a key given as bytes is prepared anew for each blob, which takes longer than the sealing.
  const key = secret === null ? null : createSecretKey(secret)
  return {
    seal(context, bytes) {
      if (key === null) return Buffer.concat([Buffer.from([PLAIN]), bytes])
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(bytes), cipher.final()])
      return Buffer.concat([Buffer.from([AES_256_GCM]), nonce, cipher.getAuthTag(), body])
    },
    open(context, sealed) {
      const form = sealed[0]
      if (form === PLAIN) return sealed.subarray(1)
      if (form !== AES_256_GCM) throw new SealingError('The bytes have an unknown form.')
      if (key === null) {
        throw new SealingError(
          'The bytes are sealed and SALESFORCE_TOKEN_ENCRYPTION_KEY is not set. Set the key that they were sealed with.',
        )
      }
      const nonceEnd = 1 + NONCE_BYTES
      const tagEnd = nonceEnd + TAG_BYTES
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, nonceEnd))
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(sealed.subarray(nonceEnd, tagEnd))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()])
      } catch (error) {
        throw new SealingError(
          'The bytes do not open: another key sealed them, or they were moved or damaged.',
          { cause: error },
        )
      }
    },
  }
}
