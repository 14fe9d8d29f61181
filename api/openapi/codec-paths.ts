import type { OpenAPIHono } from '@hono/zod-openapi'
import { PayloadsSchema } from '../../contracts/http/codec.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems } from './responses.ts'

const tags = ['Temporal payloads']
const request = {
  body: {
    required: true,
    content: {
      'application/json': {
        schema: PayloadsSchema,
        example: {
          payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJqb2JJZCI6IjEifQ==' }],
        },
      },
    },
  },
}

/** Describes the routes under /v1/codec. */
export function describeCodecPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/codec/decode',
    operationId: 'decodePayloads',
    tags,
    summary: 'Open sealed payloads',
    description:
      "For the Temporal UI and command line, which take `/v1/codec` as their codec endpoint. Payloads that are not sealed come back as they are. Takes keys of the workspace `default` alone; pages of the Temporal UI's origin may send the session's cookie.",
    request,
    responses: {
      200: json(PayloadsSchema, 'The payloads, in the same order.'),
      ...problems('invalid_payload', ...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/codec/encode',
    operationId: 'encodePayloads',
    tags,
    summary: 'Seal payloads',
    description:
      'What the Temporal UI sends to a workflow. Where sealing is off, they come back as they are.',
    request,
    responses: {
      200: json(PayloadsSchema, 'The payloads, in the same order.'),
      ...problems(...BODY_CODES),
    },
  })
}
