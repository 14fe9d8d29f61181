import { ActivityFailure, CancellationScope } from '@temporalio/workflow'
import type { ExchangeAuthorizationCodeInput } from '../contracts/connection.ts'
import { connectionCalls, database } from './proxies.ts'

/** Changes the code of an authorisation into tokens; the outcome lands in its row. Ends within three minutes. */
export async function exchangeAuthorizationCode(
  input: ExchangeAuthorizationCodeInput,
): Promise<void> {
  try {
    await connectionCalls.exchangeCode(input)
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error
    // Also where the run is cancelled: somebody waits for the outcome.
    await CancellationScope.nonCancellable(() => database.giveUpExchange(input))
  }
}
