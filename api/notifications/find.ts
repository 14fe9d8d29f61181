import {
  createNotificationChannelQueries,
  type NotificationChannel,
} from '../../db/notification-channels.ts'
import {
  createNotificationMessageQueries,
  type NotificationMessage,
} from '../../db/notification-messages.ts'
import {
  createNotificationRuleQueries,
  type NotificationRule,
} from '../../db/notification-rules.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isPlainId } from '../http/plain-id.ts'

/** @throws {ApiError} `channel_not_found` */
export async function requireChannel(
  c: ApiContext,
  channelId = c.req.param('channelId'),
): Promise<NotificationChannel> {
  const channels = createNotificationChannelQueries(c.var.database)
  const found = isPlainId(channelId) ? await channels.find(channelId) : null
  if (found === null) throw new ApiError('channel_not_found', 'There is no channel of this id.')
  return found
}

/** @throws {ApiError} `rule_not_found` */
export async function requireRule(c: ApiContext): Promise<NotificationRule> {
  const ruleId = c.req.param('ruleId')
  const rules = createNotificationRuleQueries(c.var.database)
  const found = isPlainId(ruleId) ? await rules.find(ruleId) : null
  if (found === null) throw ruleNotFound()
  return found
}

export function ruleNotFound(): ApiError {
  return new ApiError('rule_not_found', 'There is no rule of this id.')
}

/** @throws {ApiError} `message_not_found` */
export async function requireMessage(c: ApiContext): Promise<NotificationMessage> {
  const messageId = c.req.param('messageId')
  const messages = createNotificationMessageQueries(c.var.database)
  const found = isPlainId(messageId) ? await messages.find(messageId) : null
  if (found === null) throw new ApiError('message_not_found', 'There is no message of this id.')
  return found
}
