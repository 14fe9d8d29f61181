import { setTimeout as sleep } from 'node:timers/promises'

const PIECES_PER_SECOND = 20

/** A body that comes with so many bytes a second. */
export function slowed(
  body: ReadableStream<Uint8Array>,
  bytesPerSecond: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const size = Math.max(1, Math.ceil(bytesPerSecond / PIECES_PER_SECOND))
  let rest = new Uint8Array()
  return new ReadableStream(
    {
      async pull(controller) {
        while (rest.byteLength === 0) {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          rest = new Uint8Array(value)
        }
        const piece = rest.subarray(0, size)
        rest = rest.subarray(size)
        await sleep((piece.byteLength / bytesPerSecond) * 1_000)
        controller.enqueue(piece)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is made ready before it is asked for, or the first pieces would come at once.
    { highWaterMark: 0 },
  )
}
