import type { ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'

export async function runSalesforceCli(_environment: ClientEnvironment): Promise<ClientRun> {
  return { client: 'sf', title: 'sf', cases: [] }
}
