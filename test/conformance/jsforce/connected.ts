import jsforce from 'jsforce'
import type { RunningSimulator } from '../running-simulator.ts'

/** What the cases share. */
export interface JsforceContext {
  readonly simulator: RunningSimulator
  readonly connection: jsforce.Connection
}

/** A connection with an access token, polling its jobs often: the org is near. */
export function connect(simulator: RunningSimulator, accessToken = simulator.accessToken) {
  const connection = new jsforce.Connection({ instanceUrl: simulator.url, accessToken })
  connection.bulk2.pollInterval = 50
  connection.bulk2.pollTimeout = 30_000
  return connection
}

/** The id of a write that succeeded. Throws with its errors when it did not. */
export function idOf(result: jsforce.SaveResult): string {
  if (!result.success) throw new Error(JSON.stringify(result.errors))
  return result.id
}

/** A suffix that tells the records of one case from those of all others. */
let lastMark = 0
export function mark(): string {
  lastMark += 1
  return `mark${lastMark}x`
}

/** Inserts accounts in bulk and gives the beginning of their names. */
export async function insertAccounts(
  { connection }: JsforceContext,
  count: number,
): Promise<string> {
  const name = `Bulk Account ${mark()}`
  const { failedResults, successfulResults } = await connection.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: Array.from({ length: count }, (_, n) => ({ Name: `${name} #${n + 1}` })),
  })
  const [failed] = failedResults
  if (failed !== undefined) throw new Error(failed.sf__Error)
  if (successfulResults.length !== count) throw new Error('not all accounts were inserted')
  return name
}
