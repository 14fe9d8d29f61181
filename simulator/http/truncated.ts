import { setTimeout as sleep } from 'node:timers/promises'

const FLUSH_MS = 30

/** A body that breaks off after so many bytes: `cut` is called once they are sent. */
export function truncated(
  body: ReadableStream<Uint8Array>,
  afterBytes: number,
  cut: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = afterBytes
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) {
        controller.close()
        return
      }
      if (value.byteLength <= left) {
        left -= value.byteLength
        controller.enqueue(value)
        return
      }
      controller.enqueue(value.subarray(0, left))
      await reader.cancel()
      // What was enqueued must reach the socket first, or nothing is seen of the body at all. Until
      // the cut this promise is open: the stream would be pulled again, and end as if it were whole.
      await sleep(FLUSH_MS)
      cut()
      controller.close()
    },
  })
}
