import { createHmac, timingSafeEqual } from 'node:crypto'
import { type CanonicalForm, canonicalJson, sortKeys } from './canonical-json.ts'
import { type JsonNode, JsonTextError, readJsonTokens } from './json-tokens.ts'

/**
 * What a sender may have signed besides the body itself. Those who sign what they parsed write it anew: the first two
 * are the forms of the contract, made of the tokens as they were sent; the others are what Python makes of the parsed
 * body by `json.dumps(body, sort_keys=True)`, with its own separators and with compact ones.
 */
const FORMS: readonly CanonicalForm[] = [
  { comma: ',', colon: ':', strings: 'sent', numbers: 'sent' },
  { comma: ', ', colon: ': ', strings: 'python', numbers: 'sent' },
  { comma: ', ', colon: ': ', strings: 'python', numbers: 'python' },
  { comma: ',', colon: ':', strings: 'python', numbers: 'python' },
]

export interface SignedWebhook {
  readonly body: Buffer
  /** As it was sent. */
  readonly timestamp: string
  /** The bytes of the signature: see {@link readSignature}. */
  readonly signature: Buffer
}

/**
 * Longer bodies can only be signed as they are sent. The other forms are written for whoever sends a wrong signature, so
 * what that takes must stay small beside what sending it takes.
 */
export const MOST_CANONICAL_BYTES = 131_072

/** The 32 bytes of a signature in hex of any case or in base64, standard or URL-safe; null for anything else. */
export function readSignature(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  // Node reads both alphabets as base64.
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : null
}

/**
 * The text that the sender signed, HMAC-SHA256 of timestamp, dot and text, by one of the secrets; null where none fits.
 * All secrets are tried at each form, and signatures compared in constant time.
 */
export function findSignedText(
  { body, timestamp, signature }: SignedWebhook,
  secrets: readonly string[],
  mostCanonicalBytes = MOST_CANONICAL_BYTES,
): Buffer | null {
  const isSigned = (text: Buffer) =>
    secrets.some((secret) => {
      const wanted = createHmac('sha256', secret).update(`${timestamp}.`).update(text).digest()
      // It throws where lengths differ.
      return wanted.length === signature.length && timingSafeEqual(wanted, signature)
    })
  if (isSigned(body)) return body
  if (body.length > mostCanonicalBytes) return null
  // Some write a byte order mark, which is no part of the JSON.
  const text = body.toString().replace(/^\uFEFF/, '')
  const root = treeOf(text)
  if (root === null) return null
  const tried = new Set<string>()
  for (const form of FORMS) {
    const written = canonicalJson(text, root, form)
    if (written === null || tried.has(written)) continue
    tried.add(written)
    const bytes = Buffer.from(written)
    if (isSigned(bytes)) return bytes
  }
  return null
}

function treeOf(text: string): JsonNode | null {
  try {
    return sortKeys(readJsonTokens(text))
  } catch (error) {
    if (error instanceof JsonTextError) return null
    throw error
  }
}
