import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** What a receiver answered, or why there is no answer. */
export type PushAnswer =
  | { readonly status: number; readonly body: string; readonly error: null }
  | { readonly status: 0; readonly body: ''; readonly error: string }

/** More of an answer is not looked at. */
const MAX_ANSWER_BYTES = 65_536

/**
 * Posts one push over a connection of its own: one kept open may be closed by the receiver just
 * then, and a push that is made once would be lost. Redirects are not followed.
 */
export async function postPush(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<PushAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(url, headers, body, AbortSignal.any([timeout, stop]))
    const answer = await beginningOf(response)
    return { status: response.statusCode ?? 0, body: answer, error: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { status: 0, body: '', error: timeout.aborted ? 'Read timed out' : reason }
  }
}

function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const start = url.startsWith('https:') ? httpsRequest : httpRequest
  const bytes = Buffer.from(body)
  return new Promise((resolve, reject) => {
    const outgoing = start(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': bytes.byteLength },
      agent: false,
      signal,
    })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end(bytes)
  })
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    // Without an encoding set, a response's chunks are buffers.
    const buffer = chunk as Buffer
    chunks.push(buffer)
    bytes += buffer.byteLength
    if (bytes >= MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8')
}
