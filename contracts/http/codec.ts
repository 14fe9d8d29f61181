import { z } from '@hono/zod-openapi'

/** Protocol buffers write bytes so in JSON. The document does not take the form over by itself. */
const Bytes = z.base64().openapi({
  format: 'byte',
  pattern: '^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$',
})

/** A payload in the JSON form of protocol buffers, as the Temporal UI and its command line send them. */
const PayloadSchema = z
  .object({
    metadata: z
      .record(z.string().max(200), Bytes)
      .optional()
      .openapi({
        example: { encoding: 'anNvbi9wbGFpbg==' },
      }),
    data: Bytes.optional().openapi({ example: 'eyJqb2JJZCI6ImJ1bGtfam9iXzEifQ==' }),
  })
  .openapi('Payload')

export const PayloadsSchema = z
  .object({ payloads: z.array(PayloadSchema).max(10_000).default([]) })
  .openapi('Payloads')
