import { createWebhookEventLogQueries, type LoggedEvent } from '../../db/webhook-event-log.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isPlainId } from '../http/plain-id.ts'

/** The event that the path names. @throws {ApiError} `event_not_found` */
export async function requireEvent(c: ApiContext): Promise<LoggedEvent> {
  const eventId = c.req.param('eventId') ?? ''
  const found = isPlainId(eventId)
    ? await createWebhookEventLogQueries(c.var.database).get(eventId)
    : null
  if (found === null) throw eventNotFound()
  return found
}

export function eventNotFound(): ApiError {
  return new ApiError('event_not_found', 'There is no event of this id.')
}
