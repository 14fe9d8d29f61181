import type { z } from '@hono/zod-openapi'
import type { EventFilterSchema } from '../../contracts/http/subscriptions.ts'
import type { EventFilter } from '../../contracts/subscription.ts'

/** A filter as it is stored; one that asks nothing is none. */
export function eventFilterOf(
  asked: z.infer<typeof EventFilterSchema> | null | undefined,
): EventFilter | null {
  const { changed_fields, equals } = asked ?? {}
  if (changed_fields === undefined && equals === undefined) return null
  return {
    ...(changed_fields === undefined ? {} : { changed_fields }),
    ...(equals === undefined ? {} : { equals }),
  }
}
