import { z } from '@hono/zod-openapi'
import { CHANNEL_KINDS, CHANNEL_ORIGINS, MESSAGE_CAUSES, MESSAGE_STATES } from '../notification.ts'
import { SEVERITIES } from '../severity.ts'
import { plainText } from './plain-text.ts'
import { EventFilterSchema } from './subscriptions.ts'

const time = z.iso.datetime()
const channelUrl = z.string().min(1).max(2_048).openapi({
  description:
    'An incoming webhook as the platform gives it. Whoever knows it can post there: it is stored sealed and never shown again.',
  example: 'https://hooks.slack.com/services/T000/B000/XXXX',
})
const statuses = z.enum(['active', 'disabled'])

export const CreateChannelSchema = z
  .strictObject({
    kind: z.enum(CHANNEL_KINDS),
    name: plainText(100).openapi({ description: 'For people.', example: 'Sales alerts' }),
    url: channelUrl,
  })
  .openapi('CreateNotificationChannel')

export const ChangeChannelSchema = z
  .strictObject({
    name: plainText(100).optional(),
    url: channelUrl.optional(),
    status: statuses.optional().openapi({
      description: 'A disabled channel is sent nothing, and gathers nothing.',
    }),
  })
  .openapi('ChangeNotificationChannel')

export const ChannelSchema = z
  .object({
    id: z.string().openapi({ example: 'channel_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string(),
    url_hint: z.string().openapi({
      description: 'Host and last four characters of its URL.',
      example: 'hooks.slack.com/…XXXX',
    }),
    origin: z.enum(CHANNEL_ORIGINS).openapi({
      description: '`environment`: set up by SALESFORCE_SLACK_WEBHOOK_URL and its like.',
    }),
    status: statuses,
    status_reason: z.string().nullable(),
    disabled_at: time.nullable(),
    created_at: time,
    created_by: z.string().nullable(),
    updated_at: time,
  })
  .openapi('NotificationChannel')
export type ChannelBody = z.infer<typeof ChannelSchema>

export const ChannelListSchema = z
  .object({ channels: z.array(ChannelSchema), next_cursor: z.string().nullable() })
  .openapi('NotificationChannelList')

const eventTypes = z
  .array(z.string().min(1).max(160))
  .min(1)
  .max(100)
  .openapi({
    description:
      '`Account.updated`, `Account.*`, `*.deleted`, `*` (all changes of records), or what Conveyor tells of itself by name, such as `bulk_job.*`.',
    example: ['Opportunity.*', 'bulk_job.*'],
  })
const channelId = plainText(200).openapi({ description: 'Where it is told.' })
const minimumSeverity = z.enum(SEVERITIES).openapi({
  description:
    'Changes of records are `info`. What Conveyor tells of itself: `error` where something failed or was disabled, `warning` where it may.',
})

export const CreateRuleSchema = z
  .strictObject({
    channel_id: channelId,
    name: plainText(100).openapi({ example: 'Deals and jobs' }),
    event_types: eventTypes,
    filter: EventFilterSchema.optional(),
    minimum_severity: minimumSeverity.default('info'),
  })
  .openapi('CreateNotificationRule')

export const ChangeRuleSchema = z
  .strictObject({
    channel_id: channelId.optional(),
    name: plainText(100).optional(),
    event_types: eventTypes.optional(),
    filter: EventFilterSchema.nullable().optional(),
    minimum_severity: minimumSeverity.optional(),
  })
  .openapi('ChangeNotificationRule')

export const RuleSchema = z
  .object({
    id: z.string().openapi({ example: 'rule_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11' }),
    channel_id: z.string(),
    name: z.string(),
    event_types: z.array(z.string()),
    filter: EventFilterSchema.nullable(),
    minimum_severity: z.enum(SEVERITIES),
    created_at: time,
    created_by: z.string().nullable(),
    updated_at: time,
  })
  .openapi('NotificationRule')
export type RuleBody = z.infer<typeof RuleSchema>

export const RuleListSchema = z
  .object({ rules: z.array(RuleSchema), next_cursor: z.string().nullable() })
  .openapi('NotificationRuleList')

export const MessageSchema = z
  .object({
    id: z.string(),
    channel_id: z.string(),
    cause: z.enum(MESSAGE_CAUSES).openapi({
      description: '`event`: the first after a silence; `digest`: what gathered; `test`.',
    }),
    state: z.enum(MESSAGE_STATES),
    events: z.int().openapi({ description: 'Events that it tells of, by name or in its number.' }),
    plain: z.boolean().openapi({ description: 'The platform refused its form: it went as text.' }),
    attempts: z.int(),
    next_attempt_at: time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    last_error_message: z.string().nullable(),
    platform_id: z.string().nullable().openapi({ description: 'The platform’s own id of it.' }),
    created_at: time,
    ended_at: time.nullable(),
  })
  .openapi('NotificationMessage')
export type MessageBody = z.infer<typeof MessageSchema>

export const MessageListSchema = z
  .object({ messages: z.array(MessageSchema), next_cursor: z.string().nullable() })
  .openapi('NotificationMessageList')

export const MessageItemListSchema = z
  .object({
    items: z.array(
      z.object({
        event_id: z.string(),
        event_type: z.string(),
        object: z.string(),
        object_id: z.string(),
        severity: z.enum(SEVERITIES),
        occurred_at: time,
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .openapi('NotificationMessageItemList')

export const DeletedSchema = z
  .object({ id: z.string(), deleted: z.literal(true) })
  .openapi('DeletedNotificationPart')
