import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { RealtimeQuerySchema, RealtimeSchema } from '../../contracts/http/realtime.ts'
import {
  CreateReplaySchema,
  EventReplayedSchema,
  ReplayListQuerySchema,
  ReplayListSchema,
  ReplaySchema,
} from '../../contracts/http/replays.ts'
import { TestSubscriptionSchema } from '../../contracts/http/subscriptions.ts'
import {
  DeliveryFoundSchema,
  DeliveryListQuerySchema,
  DeliveryListSchema,
  DeliverySchema,
  EventFoundSchema,
  EventListQuerySchema,
  EventListSchema,
  EventStreamQuerySchema,
  EventTypeListSchema,
  EventTypeQuerySchema,
} from '../../contracts/http/webhook-events.ts'
import type { ErrorCode } from '../errors.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, legacyErrors, problems } from './responses.ts'

const id = (name: string, what: string) =>
  z.object({ [name]: z.string().openapi({ description: `Id of the ${what}.` }) })
const ofSubscription = id('subscriptionId', 'subscription')
const ofEvent = id('eventId', 'event')
const ofDelivery = id('deliveryId', 'delivery')
const ofReplay = id('replayId', 'replay')
const LIST_CODES: readonly ErrorCode[] = ['unknown_parameter', 'invalid_request', 'invalid_cursor']
const location = z.object({ Location: z.string() })
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** Describes events, deliveries and replays. */
export function describeWebhookLogPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  describeEvents(registry, ['Webhook events'])
  describeDeliveries(registry, ['Webhook deliveries'])
  describeReplays(registry, ['Webhook replays'])
}

function describeEvents(registry: OpenAPIHono['openAPIRegistry'], tags: string[]): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/event-types',
    operationId: 'listEventTypes',
    tags,
    summary: 'Types of events, each with a sample',
    request: { query: EventTypeQuerySchema },
    responses: {
      200: json(EventTypeListSchema, 'The types.'),
      ...problems('unknown_parameter', 'invalid_request'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/events',
    operationId: 'listEvents',
    tags,
    summary: 'List events, newest first',
    request: { query: EventListQuerySchema },
    responses: { 200: json(EventListSchema, 'A page of events.'), ...problems(...LIST_CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/events/stream',
    operationId: 'streamEvents',
    tags,
    summary: 'Events as they are processed (server-sent events)',
    description:
      'Each message has the position as its `id` and an event as its `data`. `Last-Event-ID` goes on after that position. The event `reset` says that a position is not there any more, and where the stream goes on.',
    request: {
      query: EventStreamQuerySchema,
      headers: z.object({
        'Last-Event-ID': z.string().optional().openapi({ description: 'The last position read.' }),
      }),
    },
    responses: {
      200: {
        description: 'The stream, until either side ends it.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems('unknown_parameter', 'invalid_request', 'too_many_streams'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/events/{eventId}',
    operationId: 'getEvent',
    tags,
    summary: 'Get an event with its payload and its deliveries',
    request: { params: ofEvent },
    responses: { 200: json(EventFoundSchema, 'The event.'), ...problems('event_not_found') },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/events/{eventId}/replay',
    operationId: 'replayEvent',
    tags,
    summary: 'Process a failed event again, or deliver one to all that match it now',
    request: { params: ofEvent },
    responses: {
      202: json(EventReplayedSchema, 'Accepted.'),
      ...problems('event_not_found', 'event_not_processed', 'replay_running'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/analytics/realtime',
    operationId: 'legacyRealtimeAnalytics',
    tags: ['Analytics (legacy)'],
    summary: 'Figures, events and jobs of the last 24 hours',
    request: { query: RealtimeQuerySchema },
    responses: { 200: json(RealtimeSchema, 'What goes on.'), ...legacyErrors() },
  })
}

function describeDeliveries(registry: OpenAPIHono['openAPIRegistry'], tags: string[]): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/deliveries',
    operationId: 'listDeliveries',
    tags,
    summary: 'List deliveries, newest first',
    request: { query: DeliveryListQuerySchema },
    responses: {
      200: json(DeliveryListSchema, 'A page of deliveries.'),
      ...problems(...LIST_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/deliveries/{deliveryId}',
    operationId: 'getDelivery',
    tags,
    summary: 'Get a delivery with its attempts',
    request: { params: ofDelivery },
    responses: {
      200: json(DeliveryFoundSchema, 'The delivery.'),
      ...problems('delivery_not_found'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/deliveries/{deliveryId}/resend',
    operationId: 'resendDelivery',
    tags,
    summary: 'Send a delivery again',
    description: 'Makes a new delivery of the same event, with the same `webhook-id`.',
    request: { params: ofDelivery },
    responses: {
      202: json(DeliverySchema, 'The new delivery.', location),
      ...problems('delivery_not_found', 'subscription_not_found', 'event_purged'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/test',
    operationId: 'testSubscription',
    tags,
    summary: 'Send a made-up event to one subscription',
    request: {
      params: ofSubscription,
      body: body(TestSubscriptionSchema, { event_type: 'Account.updated' }),
    },
    responses: {
      202: json(DeliverySchema, 'The delivery.', location),
      ...problems(
        ...BODY_CODES,
        ...(['subscription_not_found', 'subscription_not_active', 'invalid_event'] as const),
      ),
    },
  })
}

function describeReplays(registry: OpenAPIHono['openAPIRegistry'], tags: string[]): void {
  const example = { since: '2026-11-26T00:00:00Z' }
  for (const { path, operationId, summary } of [
    {
      path: '/v1/subscriptions/{subscriptionId}/recover',
      operationId: 'recoverDeliveries',
      summary: 'Deliver again what failed since a time',
    },
    {
      path: '/v1/subscriptions/{subscriptionId}/replay-missing',
      operationId: 'replayMissing',
      summary: 'Deliver events that the subscription did not get',
    },
  ]) {
    registry.registerPath({
      ...{ method: 'post', path, operationId, tags, summary },
      request: { params: ofSubscription, body: body(CreateReplaySchema, example) },
      responses: {
        202: json(ReplaySchema, 'Accepted; it runs as a workflow.', location),
        ...problems('subscription_not_found', 'replay_running', ...BODY_CODES),
      },
    })
  }
  registry.registerPath({
    method: 'get',
    path: '/v1/replays',
    operationId: 'listReplays',
    tags,
    summary: 'List replays, newest first',
    request: { query: ReplayListQuerySchema },
    responses: { 200: json(ReplayListSchema, 'A page of replays.'), ...problems(...LIST_CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/replays/{replayId}',
    operationId: 'getReplay',
    tags,
    summary: 'Get a replay with its progress',
    request: { params: ofReplay },
    responses: { 200: json(ReplaySchema, 'The replay.'), ...problems('replay_not_found') },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/replays/{replayId}/cancel',
    operationId: 'cancelReplay',
    tags,
    summary: 'End a replay',
    description: 'What it has made already is delivered all the same.',
    request: { params: ofReplay },
    responses: {
      202: json(ReplaySchema, 'It ends with its next step.'),
      ...problems('replay_not_found', 'replay_ended'),
    },
  })
}
