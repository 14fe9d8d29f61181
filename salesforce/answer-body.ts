import { finished, Readable } from 'node:stream'
import { type CallEffect, SalesforceError } from './errors.ts'
import { networkFailure } from './network-failure.ts'

/** More of an error body than this is not worth reading: it is a page, not Salesforce's array. */
const ERROR_BODY_BYTES = 64 * 1024
/** The describe of the widest objects and the list of all objects stay under a tenth of this. */
const JSON_BODY_BYTES = 64 * 1024 * 1024

export interface BodyContext {
  /** Names the call in messages: method and path. */
  readonly what: string
  readonly effect: CallEffect
  readonly signal: AbortSignal | undefined
}

/** Reads an answer to its end. @throws SalesforceError `no_answer` where it is cut, `invalid_answer` over 64 MB. */
export async function readJsonText(body: Readable, context: BodyContext): Promise<string> {
  try {
    const text = await readUpTo(body, JSON_BODY_BYTES)
    if (text !== null) return text
  } catch (error) {
    throw networkFailure(error, context.what, context.effect, context.signal)
  }
  throw new SalesforceError({
    kind: 'invalid_answer',
    message: `${context.what} answered more than ${JSON_BODY_BYTES} bytes.`,
    effect: context.effect,
  })
}

/**
 * Reads the body of a refusal. One that is cut or too long is empty: the status, which has arrived,
 * then speaks alone. Either way the connection is free or closed afterwards.
 */
export async function readErrorText(body: Readable): Promise<string> {
  try {
    return (await readUpTo(body, ERROR_BODY_BYTES)) ?? ''
  } catch {
    return ''
  }
}

/** Reads away what is not wanted, so that the connection can be used again; a long rest is cut off. */
export async function discard(body: Readable): Promise<void> {
  await readErrorText(body)
}

/** Null where the body is longer; leaving the loop destroys the stream and with it the connection. */
async function readUpTo(body: Readable, limit: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    // An undici body without an encoding yields Buffers.
    const bytes = chunk as Buffer
    length += bytes.byteLength
    if (length > limit) return null
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

/**
 * Hands a body on as a stream whose early end is an error: `no_answer`, or `aborted` by the signal.
 * Destroying the stream closes the connection. Back-pressure reaches Salesforce.
 */
export function passOn(body: Readable, context: BodyContext): Readable {
  const out = new Readable({
    highWaterMark: 256 * 1024,
    read() {
      body.resume()
    },
    destroy(error, callback) {
      body.destroy()
      callback(error)
    },
  })
  body.on('data', (chunk: Buffer) => {
    if (!out.push(chunk)) body.pause()
  })
  body.pause()
  // Tells of a body that was cut before this line, too; its error event is over by then.
  finished(body, { writable: false }, (error) => {
    // What our own destroying of the body brings is no news.
    if (out.destroyed) return
    if (error) out.destroy(networkFailure(error, context.what, context.effect, context.signal))
    else out.push(null)
  })
  // A cut before the reader has begun must not end the process; the reader meets the error when it begins.
  out.on('error', () => {})
  return out
}
