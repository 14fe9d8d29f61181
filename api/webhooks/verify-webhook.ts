import {
  findSignedText,
  MOST_CANONICAL_BYTES,
  readSignature,
} from '../../security/webhook-signature.ts'
import { ApiError } from '../errors.ts'

/** How far the clocks of sender and server may be apart, and how long a webhook may be under way. */
const WEBHOOK_WINDOW_SECONDS = 300

/** Of a suspect, longer bodies count only where they are signed as they are sent. */
export const MOST_SUSPECT_BYTES = 8_192

export interface SignatureHeaders {
  readonly signature: string | undefined
  readonly timestamp: string | undefined
}

/** The headers of a webhook, read; or why nobody can have signed it. */
export type ReadSignature =
  | { readonly timestamp: string; readonly signature: Buffer; readonly refusal: null }
  | Refused

/** What was signed, or why the webhook is not believed. */
export type Verified =
  | { readonly text: Buffer; readonly timestamp: string; readonly refusal: null }
  | Refused

interface Refused {
  readonly refusal: ApiError
  /** Whether the signature was of the right form and no secret fits it. */
  readonly isWrong: boolean
}

/** Looks at the form alone, which needs nobody's secret. */
export function readSignatureHeaders(headers: SignatureHeaders): ReadSignature {
  const timestamp = headers.timestamp?.trim() ?? ''
  const given = headers.signature?.trim() ?? ''
  if (given === '') return missing('X-Salesforce-Signature')
  if (timestamp === '') return missing('X-Salesforce-Timestamp')
  if (!/^\d{1,11}$/.test(timestamp)) {
    return refused(
      'timestamp_invalid',
      'X-Salesforce-Timestamp must be Unix seconds, such as 1764160000: ten digits, no milliseconds.',
    )
  }
  const signature = readSignature(given)
  if (signature !== null) return { timestamp, signature, refusal: null }
  return refused(
    'signature_invalid',
    'X-Salesforce-Signature must be the 32 bytes of HMAC-SHA256 in base64 or hex.',
  )
}

/** The signature, then its time: of a body that nobody signed nothing is read. */
export function verifyWebhook(
  body: Buffer,
  { timestamp, signature }: { readonly timestamp: string; readonly signature: Buffer },
  secrets: readonly string[],
  /** Whether the sender's address has shown too many wrong signatures: then little is done for one more. */
  isSuspect: boolean,
): Verified {
  const mostBytes = isSuspect ? MOST_SUSPECT_BYTES : MOST_CANONICAL_BYTES
  const text = findSignedText({ body, timestamp, signature }, secrets, mostBytes)
  if (text === null) return { ...refused('signature_invalid', WRONG), isWrong: true }
  const apart = Math.round(Date.now() / 1_000 - Number(timestamp))
  if (Math.abs(apart) > WEBHOOK_WINDOW_SECONDS) {
    const where = apart > 0 ? `${apart} s in the past` : `${-apart} s in the future`
    const message = `The webhook was signed ${where} by the clock here; ${WEBHOOK_WINDOW_SECONDS} s are taken. Sign each attempt anew, and set the clocks.`
    return refused('timestamp_invalid', message)
  }
  return { text, timestamp, refusal: null }
}

const WRONG =
  'The signature does not fit. It must be HMAC-SHA256 over X-Salesforce-Timestamp, a dot and the body as it is sent, by the secret of this connection.'

function missing(header: string): Refused {
  return refused('signature_missing', `The header ${header} is missing.`)
}

function refused(
  code: 'signature_missing' | 'signature_invalid' | 'timestamp_invalid',
  message: string,
) {
  return { refusal: new ApiError(code, message), isWrong: false } as const
}
