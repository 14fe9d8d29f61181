import type { RateLimiter } from '../rate-limiter.ts'
import type { EventWriter } from './event-writer.ts'
import type { IntakeSources } from './intake-sources.ts'

/** What the routes of webhooks share. */
export interface WebhookIntakeParts {
  readonly sources: IntakeSources
  readonly writer: EventWriter
  readonly limiter: RateLimiter
}
