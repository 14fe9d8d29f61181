import type { Readable } from 'node:stream'

export interface Beginning {
  readonly bytes: Buffer
  /** Whether there was more, or might have been. */
  readonly truncated: boolean
}

/**
 * The first bytes of an answer's body, as far as they come in time. The rest is not waited for: a host that answers and
 * then drips must not hold up its caller. Never rejects: what came before a connection broke is what there is.
 */
export async function readBeginning(body: Readable, bytes: number, ms: number): Promise<Beginning> {
  const parts: Buffer[] = []
  let length = 0
  let ended = false
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    const finish = () => {
      clearTimeout(timer)
      resolve()
    }
    body.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > bytes) finish()
    })
    body.once('end', () => {
      ended = true
      finish()
    })
    body.once('close', finish)
  })
  if (!ended) body.on('error', () => {}).destroy()
  return { bytes: Buffer.concat(parts).subarray(0, bytes), truncated: !ended || length > bytes }
}
