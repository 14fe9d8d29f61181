import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  ChangeSubscriptionSchema,
  CreatedSubscriptionSchema,
  CreateSubscriptionSchema,
  DeletedSubscriptionSchema,
  PauseSubscriptionSchema,
  RotateSecretSchema,
  SubscriptionFoundSchema,
  SubscriptionListQuerySchema,
  SubscriptionListSchema,
  SubscriptionSchema,
} from '../../contracts/http/subscriptions.ts'
import { BODY_CODES } from './input-codes.ts'
import { createHeaders, json, problems } from './responses.ts'

const tags = ['Webhook subscriptions']
const params = z.object({
  subscriptionId: z.string().openapi({ description: 'Id of the subscription.' }),
})
const location = z.object({
  Location: z.string().openapi({ description: 'Where the subscription is.' }),
  'Idempotency-Replayed': z.string().optional(),
})
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** Describes the routes under /v1/subscriptions. */
export function describeSubscriptionPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/subscriptions',
    operationId: 'createSubscription',
    tags,
    summary: 'Subscribe to events',
    description: 'The answer holds the signing secret; it is shown this once.',
    request: {
      headers: createHeaders,
      body: body(CreateSubscriptionSchema, {
        event_types: ['Opportunity.updated', 'Account.*'],
        callback_url: 'https://example.com/hooks/salesforce',
      }),
    },
    responses: {
      201: json(CreatedSubscriptionSchema, 'The subscription.', location),
      ...problems(
        ...BODY_CODES,
        ...(['invalid_event', 'invalid_callback_url', 'connection_not_found'] as const),
        ...(['too_many_subscriptions', 'encryption_key_required'] as const),
        ...(['invalid_idempotency_key', 'idempotency_key_reused'] as const),
        'subscription_not_found',
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/subscriptions',
    operationId: 'listSubscriptions',
    tags,
    summary: 'List subscriptions, newest first',
    request: { query: SubscriptionListQuerySchema },
    responses: {
      200: json(SubscriptionListSchema, 'A page of subscriptions.'),
      ...problems('unknown_parameter', 'invalid_request', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'getSubscription',
    tags,
    summary: 'Get a subscription and how its endpoint fares',
    request: { params },
    responses: {
      200: json(SubscriptionFoundSchema, 'The subscription.'),
      ...problems('subscription_not_found'),
    },
  })
  registry.registerPath({
    method: 'patch',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'changeSubscription',
    tags,
    summary: 'Change a subscription',
    description: 'What is not named stays. Deliveries that wait go to the new address.',
    request: { params, body: body(ChangeSubscriptionSchema, { concurrency: 5 }) },
    responses: {
      200: json(SubscriptionSchema, 'The subscription.'),
      ...problems(
        ...BODY_CODES,
        ...(['subscription_not_found', 'invalid_event', 'invalid_callback_url'] as const),
      ),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'deleteSubscription',
    tags,
    summary: 'Delete a subscription',
    description: 'Deliveries that wait are ended as failed. The log of its deliveries stays.',
    request: { params },
    responses: {
      200: json(DeletedSubscriptionSchema, 'It is deleted.'),
      ...problems('subscription_not_found'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/pause',
    operationId: 'pauseSubscription',
    tags,
    summary: 'Pause a subscription',
    description:
      'Deliveries that wait are held. Events that come meanwhile make none; `replay-missing` makes them later.',
    request: { params, body: body(PauseSubscriptionSchema, { reason: 'Maintenance until noon' }) },
    responses: {
      200: json(SubscriptionSchema, 'The paused subscription.'),
      ...problems('subscription_not_found', ...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/resume',
    operationId: 'resumeSubscription',
    tags,
    summary: 'Resume a paused or disabled subscription',
    request: { params },
    responses: {
      200: json(SubscriptionSchema, 'The active subscription.'),
      ...problems('subscription_not_found'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/rotate-secret',
    operationId: 'rotateSubscriptionSecret',
    tags,
    summary: 'Replace the signing secret',
    description: 'Both secrets sign during the overlap. The new one is shown this once.',
    request: { params, body: body(RotateSecretSchema, { overlap_seconds: 3_600 }) },
    responses: {
      200: json(CreatedSubscriptionSchema, 'The subscription with its new secret.'),
      ...problems('subscription_not_found', 'encryption_key_required', ...BODY_CODES),
    },
  })
}
