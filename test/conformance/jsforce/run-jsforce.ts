import type { RunClient } from '../client-environment.ts'
import { runOurCases } from './run-our-cases.ts'
import { runOwnTests } from './run-own-tests.ts'

/** jsforce with its own tests where a checkout is at hand, otherwise with ours. */
export function jsforceClient(checkout: string | null): RunClient {
  return (environment) =>
    checkout === null ? runOurCases(environment) : runOwnTests(checkout, environment)
}
