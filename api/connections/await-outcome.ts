import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionFailure } from '../../contracts/connection.ts'
import type { ApiSettings } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

const FIRST_LOOK_MS = 30
const LONGEST_LOOK_MS = 250

/** How something that a workflow does stands, as its row says. */
export interface Outcome {
  readonly ended: boolean
  readonly errorCode: ConnectionFailure | null
  readonly errorMessage: string | null
}

/** Looks at a row until it says that the work has ended. Null where that takes too long: the work goes on. */
export async function awaitOutcome<T extends Outcome>(
  settings: Pick<ApiSettings, 'connectionWaitMs'>,
  look: () => Promise<T>,
): Promise<T | null> {
  const deadline = Date.now() + settings.connectionWaitMs
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
    const outcome = await look()
    if (outcome.ended) return outcome
    if (Date.now() >= deadline) return null
    await sleep(pauseMs)
  }
}

/** @throws {ApiError} with the outcome's code where it is none that was wanted, `operation_in_progress` without one. */
export function requireSuccess<T extends Outcome>(outcome: T | null): T {
  if (outcome === null) {
    const message =
      'Salesforce has not answered yet. The work goes on; look at the connection soon.'
    throw new ApiError('operation_in_progress', message, { headers: { 'retry-after': '5' } })
  }
  if (outcome.errorCode === null) return outcome
  throw new ApiError(outcome.errorCode, outcome.errorMessage ?? 'Salesforce refused.')
}
