import { ActivityFailure, CancellationScope } from '@temporalio/workflow'
import type { ConnectionOperationInput } from '../contracts/connection.ts'
import { connectionCalls, database } from './proxies.ts'

/** Finds out whether a connection works; the outcome lands in the operation's row. Ends within three minutes. */
export async function testConnection(input: ConnectionOperationInput): Promise<void> {
  try {
    await connectionCalls.checkConnection(input)
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    // Also where the run is cancelled: somebody waits for the outcome.
    await CancellationScope.nonCancellable(() => database.giveUpCheck(input))
  }
}
