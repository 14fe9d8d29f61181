import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  LegacySubscribeBodySchema,
  LegacySubscribedSchema,
  LegacySubscriptionListSchema,
  LegacySubscriptionQuerySchema,
  LegacyUnsubscribedSchema,
} from '../../contracts/http/legacy-webhooks.ts'
import { BODY_CODES } from './input-codes.ts'
import { createHeaders, json, legacyErrors } from './responses.ts'

const tags = ['Webhook subscriptions (legacy)']

/** Describes the routes of webhooks that existing callers know. */
export function describeLegacyWebhookPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/api/salesforce/webhooks/subscribe',
    operationId: 'legacySubscribe',
    tags,
    summary: 'Subscribe to events of an object',
    request: {
      headers: createHeaders,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: LegacySubscribeBodySchema,
            example: {
              ...{ user_id: 'ada', object_type: 'Account', events: ['Account.updated'] },
              callback_url: 'https://example.com/hooks/salesforce',
            },
          },
        },
      },
    },
    responses: {
      201: json(LegacySubscribedSchema, 'The subscription, with its secret this once.'),
      ...legacyErrors(
        ...BODY_CODES,
        ...(['invalid_event', 'invalid_callback_url', 'too_many_subscriptions'] as const),
        ...([
          'encryption_key_required',
          'subscription_not_found',
          'authentication_failed',
        ] as const),
        ...(['invalid_idempotency_key', 'idempotency_key_reused'] as const),
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/webhooks/subscriptions',
    operationId: 'legacyListSubscriptions',
    tags,
    summary: 'List the subscriptions of a user, newest first',
    request: { query: LegacySubscriptionQuerySchema },
    responses: {
      200: json(LegacySubscriptionListSchema, 'The newest thousand.'),
      ...legacyErrors('missing_user_id', 'invalid_request'),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/api/salesforce/webhooks/{subscriptionId}',
    operationId: 'legacyUnsubscribe',
    tags,
    summary: 'Delete a subscription, known or not',
    description: 'Answers 200 also where there is none of this id.',
    request: { params: z.object({ subscriptionId: z.string() }) },
    responses: {
      200: json(LegacyUnsubscribedSchema, 'There is none of this id any more.'),
      ...legacyErrors(),
    },
  })
}
