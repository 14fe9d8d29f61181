import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  AcceptedWebhookSchema,
  InboundWebhookSchema,
  IssuedOutboundMessagePathSchema,
  IssuedWebhookSecretSchema,
  IssueIntakeSchema,
  RemovedOutboundMessagePathSchema,
} from '../../contracts/http/webhook-intakes.ts'
import type { ErrorCode } from '../errors.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems, webhookErrors } from './responses.ts'

const tags = ['Webhooks from Salesforce']
const params = z.object({
  connectionId: z.string().openapi({ description: 'Id of the connection.' }),
})
const signed = z.object({
  'X-Salesforce-Signature': z.string().optional().openapi({
    description:
      'HMAC-SHA256 over timestamp, a dot and the body, in base64 or hex. Needed but for a test.',
  }),
  'X-Salesforce-Timestamp': z.string().optional().openapi({
    description: 'When it was signed, in Unix seconds; within 300 s of the clock here.',
  }),
  'X-Salesforce-Delivery-Id': z.string().optional().openapi({
    description: 'The same with each attempt, so that it is stored once; also as webhook-id.',
  }),
})
const request = {
  headers: signed,
  body: {
    required: true,
    content: {
      'application/json': {
        schema: InboundWebhookSchema,
        example: {
          event_type: 'Account.updated',
          ids: ['001000000000001AAA'],
          changedFields: ['Name'],
        },
      },
    },
  },
} as const
const issue = {
  required: true,
  content: {
    'application/json': { schema: IssueIntakeSchema, example: { overlap_seconds: 3600 } },
  },
} as const

const REFUSALS: readonly ErrorCode[] = [
  ...(['signature_missing', 'signature_invalid', 'timestamp_invalid'] as const),
  ...(['webhook_secret_missing', 'address_not_allowed', 'rate_limited'] as const),
  ...(['payload_too_large', 'too_many_records', 'invalid_utf8', 'invalid_json'] as const),
  ...(['invalid_request', 'missing_required_field', 'invalid_character'] as const),
  ...(['number_out_of_range', 'body_incomplete', 'request_timeout'] as const),
  ...(['invalid_encoding', 'unsupported_encoding', 'compression_ratio_exceeded'] as const),
]
const soap = (description: string) => ({
  description,
  content: { 'text/xml': { schema: z.string() } },
})

/** Describes where Salesforce reaches us, and how that is set up. */
export function describeWebhookIntakePaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/webhooks/salesforce',
    operationId: 'receiveWebhook',
    tags,
    summary: 'Take a signed webhook of the environment’s connection',
    description:
      'Answered once its events are stored, one for each record. A delivery that was taken in before is answered 200 and not stored again.',
    request,
    responses: {
      200: json(AcceptedWebhookSchema, 'Stored, or taken in before, or a test.'),
      ...webhookErrors(...REFUSALS),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/webhooks',
    operationId: 'receiveConnectionWebhook',
    tags,
    summary: 'Take a signed webhook of a connection',
    description: 'Signed with the connection’s own secret.',
    request: { params, ...request },
    responses: {
      200: json(AcceptedWebhookSchema, 'Stored, or taken in before, or a test.'),
      ...problems('connection_not_found', ...REFUSALS),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/webhooks/outbound-messages/{path}',
    operationId: 'receiveOutboundMessage',
    tags,
    summary: 'Take an outbound message',
    description:
      'SOAP, as Salesforce sends it. The path is the secret; all notifications are stored before the Ack.',
    request: {
      params: z.object({ path: z.string() }),
      body: { required: true, content: { 'text/xml': { schema: z.string() } } },
    },
    responses: {
      200: soap('`notificationsResponse` with `Ack` true.'),
      404: soap('A fault: nobody has this path, or it belongs to another org.'),
      413: soap('A fault: the message is too long.'),
      429: soap('A fault: too many paths from this address that nobody has.'),
      500: soap('A fault: it was not stored. Salesforce sends it again.'),
      ...problems('address_not_allowed'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/webhook-secret',
    operationId: 'issueWebhookSecret',
    tags,
    summary: 'Make or change the webhook secret of a connection',
    description: 'It is shown this once. The one before goes on for a while.',
    request: { params, body: issue },
    responses: {
      201: json(IssuedWebhookSecretSchema, 'The secret.'),
      ...problems('connection_not_found', 'encryption_key_required', ...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/outbound-message-path',
    operationId: 'issueOutboundMessagePath',
    tags,
    summary: 'Make or change the path of a connection’s outbound messages',
    description: 'It is shown this once. The one before goes on for a while.',
    request: { params, body: issue },
    responses: {
      201: json(IssuedOutboundMessagePathSchema, 'The path.'),
      ...problems('connection_not_found', ...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/connections/{connectionId}/outbound-message-path',
    operationId: 'removeOutboundMessagePath',
    tags,
    summary: 'Take no outbound messages of a connection any more',
    request: { params },
    responses: {
      200: json(RemovedOutboundMessagePathSchema, 'Its paths are gone.'),
      ...problems('connection_not_found'),
    },
  })
}
