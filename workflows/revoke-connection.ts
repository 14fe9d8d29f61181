import { ActivityFailure, CancellationScope } from '@temporalio/workflow'
import type { ConnectionOperationInput } from '../contracts/connection.ts'
import { database, revocations } from './proxies.ts'

/** Gives the tokens of a connection back and erases them. Ends within an hour: tokens are not kept for longer. */
export async function revokeConnection(input: ConnectionOperationInput): Promise<void> {
  try {
    await revocations.revokeTokens(input)
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    // Also where the run is cancelled: the tokens must go.
    await CancellationScope.nonCancellable(() => database.giveUpRevocation(input))
  }
}
