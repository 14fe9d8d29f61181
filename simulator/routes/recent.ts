import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { recentRecords } from '../rest/recent-records.ts'
import type { RestResource } from '../rest/resource.ts'

const MOST = 200

/** The records that the caller had to do with last. */
export function recentResource(org: Org): RestResource {
  return {
    pattern: '/recent',
    methods: {
      GET: (call) => {
        const asked = call.query.get('limit')
        const limit = asked === null ? MOST : Number(asked)
        if (!Number.isSafeInteger(limit) || limit < 1) {
          throw new ApiError(
            400,
            'INVALID_QUERY_VALUE',
            `limit must be a positive number: ${asked}`,
          )
        }
        // Of what the org alone writes nobody has looked at a record.
        const shown = org.schema.objects.filter(
          ({ createable, fields }) => createable && fields.some((field) => field.nameField),
        )
        return { status: 200, body: recentRecords(org, shown, call, Math.min(limit, MOST)) }
      },
    },
  }
}
