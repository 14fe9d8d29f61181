/** What a receiver answered, or why there is no answer. */
export type PushAnswer =
  | { readonly status: number; readonly body: string; readonly error: null }
  | { readonly status: 0; readonly body: ''; readonly error: string }

/** More of an answer is not looked at. */
const MAX_ANSWER_BYTES = 65_536

/** Posts one push. Redirects are not followed: nobody answers for the other address. */
export async function postPush(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<PushAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout, stop]),
    })
    return { status: response.status, body: await beginningOf(response), error: null }
  } catch (error) {
    return { status: 0, body: '', error: timeout.aborted ? 'Read timed out' : reasonOf(error) }
  }
}

async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8')
}

/** `fetch` says only "fetch failed"; what failed is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
