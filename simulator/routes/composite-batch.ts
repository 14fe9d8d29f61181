import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import type { RestAnswer, RestResource } from '../rest/resource.ts'
import type { ResourceTable } from '../rest/resource-table.ts'
import { runSubrequest } from '../rest/subrequest.ts'

const MOST_SUBREQUESTS = 25

const batchSchema = z.object({
  haltOnError: z.boolean().nullish(),
  batchRequests: z
    .array(
      z.object({
        method: z.enum(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']),
        url: z.string().min(1),
        richInput: z.unknown().optional(),
      }),
    )
    .min(1),
})

/** Several calls in one that have nothing to do with each other. */
export function compositeBatchResource(org: Org, table: () => ResourceTable): RestResource {
  return {
    pattern: '/composite/batch',
    holdsSubrequests: true,
    methods: {
      POST: (call) => {
        const parsed = batchSchema.safeParse(call.body.value())
        if (!parsed.success) {
          const issue = parsed.error.issues[0]
          const path = issue?.path.join('.') ?? ''
          throw call.body.refusal(`Invalid value for ${path}: ${issue?.message}`, [])
        }
        const { haltOnError, batchRequests } = parsed.data
        if (batchRequests.length > MOST_SUBREQUESTS) {
          throw new ApiError(
            400,
            'LIMIT_EXCEEDED',
            `The limit of ${MOST_SUBREQUESTS} subrequests was exceeded`,
          )
        }
        const results: { statusCode: number; result: unknown }[] = []
        let isHalted = false
        for (const { method, url, richInput } of batchRequests) {
          const answer: RestAnswer = isHalted
            ? HALTED
            : runSubrequest(org, table(), call, {
                method,
                url: absolute(url),
                body: richInput,
                headers: {},
              })
          results.push({ statusCode: answer.status, result: answer.body ?? null })
          if (haltOnError === true && answer.status >= 400) isHalted = true
        }
        // Each subrequest counts as a call of its own; the pipeline counted one.
        const { apiUsed } = org.settings()
        org.changeSettings({ apiUsed: apiUsed + batchRequests.length - 1 })
        const hasErrors = results.some(({ statusCode }) => statusCode >= 400)
        return { status: 200, body: { hasErrors, results } }
      },
    },
  }
}

/** Addresses of a batch begin with the version: `v67.0/sobjects/Account`. */
function absolute(url: string): string {
  return /^\/?services\//i.test(url)
    ? `/${url.replace(/^\//, '')}`
    : `/services/data/${url.replace(/^\//, '')}`
}

const HALTED: RestAnswer = {
  status: 412,
  body: [
    {
      errorCode: 'BATCH_PROCESSING_HALTED',
      message: 'Batch processing was halted by previous error',
    },
  ],
}
