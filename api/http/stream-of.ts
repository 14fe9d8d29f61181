/** Reads on only as the caller does. A failure breaks the answer off, so that nobody takes a part for the whole. */
export function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  logger: { error(fields: object, message: string): void },
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          logger.error({ err: error }, 'an answer broke off')
          controller.error(error)
        }
      },
      async cancel() {
        await pieces.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
