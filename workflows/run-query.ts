import { ActivityFailure, CancellationScope } from '@temporalio/workflow'
import type { SoqlQueryInput } from '../contracts/soql-query.ts'
import { database, shortQueries } from './proxies.ts'

/** Runs one query that a caller waits for; its answer lands in the query's row. Ends within a minute. */
export async function runQuery(input: SoqlQueryInput): Promise<void> {
  try {
    await shortQueries.runSoqlQuery(input)
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    // Also where the run is cancelled: somebody waits for the outcome.
    await CancellationScope.nonCancellable(() => database.giveUpSoqlQuery(input))
  }
}
