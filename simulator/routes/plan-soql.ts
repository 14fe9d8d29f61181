import { ApiError } from '../http/api-error.ts'
import type { Org } from '../http/org-context.ts'
import { parseSoql } from '../soql/parse.ts'
import { planQuery } from '../soql/plan-query.ts'
import { contextOf, type QueryContext } from '../soql/query-context.ts'
import type { QueryPlan } from '../soql/query-plan.ts'
import { SoqlError, soqlMessage } from '../soql/soql-error.ts'

export interface PlannedSoql {
  readonly plan: QueryPlan
  readonly context: QueryContext
  /** Whether the statement says that the user looked at the records. */
  readonly isView: boolean
}

/** Parses and checks a statement for a user. Throws ApiError 400 with the org's words. */
export function planSoql(
  org: Org,
  soql: string,
  call: Pick<QueryContext, 'user' | 'withDeleted'>,
): PlannedSoql {
  const context = contextOf(org.schema, org.store, { ...call, now: Date.now() })
  return refusing(soql, () => {
    const statement = parseSoql(soql)
    return { context, plan: planQuery(org.schema, statement, context), isView: statement.isView }
  })
}

/** Runs `work`, which may find fault with the statement. */
export function refusing<T>(soql: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SoqlError)) throw error
    throw new ApiError(400, error.code, soqlMessage(error, soql))
  }
}
