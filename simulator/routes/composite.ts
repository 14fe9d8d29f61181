import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { type CompositeSubrequest, readComposite } from '../rest/composite-body.ts'
import { type Answers, textWithReferences, withReferences } from '../rest/composite-references.ts'
import type { RestAnswer, RestCall, RestResource } from '../rest/resource.ts'
import type { ResourceTable } from '../rest/resource-table.ts'
import { runSubrequest } from '../rest/subrequest.ts'
import { savepoint } from '../store/database.ts'

class RolledBack extends Error {
  override name = 'RolledBack'
}

/** Several calls in one, each of which may use what earlier ones answered. */
export function compositeResource(org: Org, table: () => ResourceTable): RestResource {
  return {
    pattern: '/composite',
    holdsSubrequests: true,
    methods: {
      GET: ({ version }) => {
        const root = `/services/data/v${version}.0/composite`
        return { status: 200, body: { batch: `${root}/batch`, sobjects: `${root}/sobjects` } }
      },
      POST: (call) => {
        const { allOrNone, subrequests } = readComposite(call)
        const outer = { ...call, allOrNone }
        const answers = allOrNone
          ? runTogether(org, table(), outer, subrequests)
          : subrequests.map(createRunner(org, table(), outer))
        const compositeResponse = subrequests.map(({ referenceId }, index) => {
          const answer = answers[index]
          return {
            body: answer?.body ?? null,
            httpHeaders: answer?.headers ?? {},
            httpStatusCode: answer?.status,
            referenceId,
          }
        })
        return { status: 200, body: { compositeResponse } }
      },
    },
  }
}

/** Runs subrequests, one after the other, and keeps what they answer for those after them. */
function createRunner(org: Org, table: ResourceTable, outer: RestCall) {
  const answers = new Map<string, unknown>()
  return (subrequest: CompositeSubrequest): RestAnswer => {
    const answer = runOne(org, table, outer, subrequest, answers)
    answers.set(subrequest.referenceId, answer.body)
    return answer
  }
}

function runOne(
  org: Org,
  table: ResourceTable,
  outer: RestCall,
  { method, url, body, httpHeaders }: CompositeSubrequest,
  answers: Answers,
): RestAnswer {
  try {
    return runSubrequest(org, table, outer, {
      method,
      url: textWithReferences(url, answers, encodeURIComponent),
      body: withReferences(body, answers),
      headers: httpHeaders ?? {},
    })
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body() }
    throw error
  }
}

/** All or nothing: the first refusal undoes everything, and is the only one that says why. */
function runTogether(
  org: Org,
  table: ResourceTable,
  outer: RestCall,
  subrequests: readonly CompositeSubrequest[],
): RestAnswer[] {
  const runner = createRunner(org, table, outer)
  const answers: RestAnswer[] = []
  try {
    savepoint(org.database, () => {
      for (const subrequest of subrequests) {
        const answer = runner(subrequest)
        answers.push(answer)
        if (isRefusal(answer)) throw new RolledBack()
      }
    })
    return answers
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    return subrequests.map((_, index) =>
      index === answers.length - 1 ? (answers[index] ?? HALTED) : HALTED,
    )
  }
}

function isRefusal({ status, hasRefusals }: RestAnswer): boolean {
  return status >= 400 || hasRefusals === true
}

const HALTED: RestAnswer = {
  status: 400,
  body: [
    {
      errorCode: 'PROCESSING_HALTED',
      message:
        'The transaction was rolled back since another operation in the same transaction failed.',
    },
  ],
}
