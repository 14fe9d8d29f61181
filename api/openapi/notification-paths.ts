import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import {
  ChangeChannelSchema,
  ChangeRuleSchema,
  ChannelListSchema,
  ChannelSchema,
  CreateChannelSchema,
  CreateRuleSchema,
  DeletedSchema,
  MessageItemListSchema,
  MessageListSchema,
  MessageSchema,
  RuleListSchema,
  RuleSchema,
} from '../../contracts/http/notifications.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems } from './responses.ts'

const tags = ['Notifications']
const channel = z.object({ channelId: z.string().openapi({ description: 'Id of the channel.' }) })
const rule = z.object({ ruleId: z.string().openapi({ description: 'Id of the rule.' }) })
const message = z.object({ messageId: z.string().openapi({ description: 'Id of the message.' }) })
const location = z.object({ Location: z.string().openapi({ description: 'Where it is.' }) })
const PAGE_CODES = ['unknown_parameter', 'invalid_request', 'invalid_cursor'] as const
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** Describes the routes of channels, rules and messages. */
export function describeNotificationPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  describeChannels(registry)
  describeRules(registry)
  describeMessages(registry)
}

function describeChannels(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/notification-channels',
    operationId: 'createNotificationChannel',
    tags,
    summary: 'Add a Slack or Discord channel',
    description: 'Nothing goes there before a rule says what.',
    request: {
      body: body(CreateChannelSchema, {
        kind: 'slack',
        name: 'Sales alerts',
        url: 'https://hooks.slack.com/services/T000/B000/XXXX',
      }),
    },
    responses: {
      201: json(ChannelSchema, 'The channel.', location),
      ...problems(
        ...BODY_CODES,
        ...(['invalid_channel_url', 'encryption_key_required', 'too_many_channels'] as const),
      ),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-channels',
    operationId: 'listNotificationChannels',
    tags,
    summary: 'List channels, newest first',
    request: { query: PageQuerySchema },
    responses: { 200: json(ChannelListSchema, 'A page of channels.'), ...problems(...PAGE_CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-channels/{channelId}',
    operationId: 'getNotificationChannel',
    tags,
    summary: 'Get a channel',
    request: { params: channel },
    responses: { 200: json(ChannelSchema, 'All but its URL.'), ...problems('channel_not_found') },
  })
  registry.registerPath({
    method: 'patch',
    path: '/v1/notification-channels/{channelId}',
    operationId: 'changeNotificationChannel',
    tags,
    summary: 'Change, disable or enable a channel',
    description: 'A new URL enables a channel whose old one the platform refused.',
    request: { params: channel, body: body(ChangeChannelSchema, { status: 'disabled' }) },
    responses: {
      200: json(ChannelSchema, 'The channel.'),
      ...problems(
        ...BODY_CODES,
        ...(['channel_not_found', 'channel_of_environment'] as const),
        ...(['invalid_channel_url', 'encryption_key_required'] as const),
      ),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/notification-channels/{channelId}',
    operationId: 'deleteNotificationChannel',
    tags,
    summary: 'Delete a channel',
    description: 'Its rules, what waits for it and what was sent go with it.',
    request: { params: channel },
    responses: {
      200: json(DeletedSchema, 'It is gone.'),
      ...problems('channel_not_found', 'channel_of_environment'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/notification-channels/{channelId}/test',
    operationId: 'testNotificationChannel',
    tags,
    summary: 'Send a test message',
    description:
      'The message says what became of it: `sent`, `failed` with the platform’s reason, or `pending` where it is tried again.',
    request: { params: channel },
    responses: {
      200: json(MessageSchema, 'It was sent, or has failed.'),
      202: json(MessageSchema, 'Not yet; look at the message later.'),
      ...problems('channel_not_found', 'channel_disabled'),
    },
  })
}

function describeRules(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/notification-rules',
    operationId: 'createNotificationRule',
    tags,
    summary: 'Say which events a channel is told of',
    description: 'A channel is told of an event once, however many of its rules want it.',
    request: {
      body: body(CreateRuleSchema, {
        channel_id: 'channel_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11',
        name: 'Deals and jobs',
        event_types: ['Opportunity.*', 'bulk_job.*'],
      }),
    },
    responses: {
      201: json(RuleSchema, 'The rule.', location),
      ...problems(...BODY_CODES, 'invalid_event', 'channel_not_found', 'too_many_rules'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-rules',
    operationId: 'listNotificationRules',
    tags,
    summary: 'List rules, newest first',
    request: { query: PageQuerySchema },
    responses: { 200: json(RuleListSchema, 'A page of rules.'), ...problems(...PAGE_CODES) },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-rules/{ruleId}',
    operationId: 'getNotificationRule',
    tags,
    summary: 'Get a rule',
    request: { params: rule },
    responses: { 200: json(RuleSchema, 'The rule.'), ...problems('rule_not_found') },
  })
  registry.registerPath({
    method: 'patch',
    path: '/v1/notification-rules/{ruleId}',
    operationId: 'changeNotificationRule',
    tags,
    summary: 'Change a rule',
    description: 'For events from now on: what was gathered already is told.',
    request: { params: rule, body: body(ChangeRuleSchema, { minimum_severity: 'warning' }) },
    responses: {
      200: json(RuleSchema, 'The rule.'),
      ...problems(...BODY_CODES, 'invalid_event', 'rule_not_found', 'channel_not_found'),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/notification-rules/{ruleId}',
    operationId: 'deleteNotificationRule',
    tags,
    summary: 'Delete a rule',
    request: { params: rule },
    responses: { 200: json(DeletedSchema, 'It is gone.'), ...problems('rule_not_found') },
  })
}

function describeMessages(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-channels/{channelId}/messages',
    operationId: 'listNotificationMessages',
    tags,
    summary: 'List what was sent to a channel, newest first',
    request: { params: channel, query: PageQuerySchema },
    responses: {
      200: json(MessageListSchema, 'A page of messages.'),
      ...problems(...PAGE_CODES, 'channel_not_found'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-messages/{messageId}',
    operationId: 'getNotificationMessage',
    tags,
    summary: 'Get a message',
    request: { params: message },
    responses: { 200: json(MessageSchema, 'The message.'), ...problems('message_not_found') },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/notification-messages/{messageId}/items',
    operationId: 'listNotificationMessageItems',
    tags,
    summary: 'List all events of a message',
    description: 'In the order in which they came; those too that it only counts.',
    request: { params: message, query: PageQuerySchema },
    responses: {
      200: json(MessageItemListSchema, 'A page of events.'),
      ...problems(...PAGE_CODES, 'message_not_found'),
    },
  })
}
