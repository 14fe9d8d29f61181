import type { ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'

export async function runSimpleSalesforce(_environment: ClientEnvironment): Promise<ClientRun> {
  return { client: 'simple-salesforce', title: 'simple-salesforce', cases: [] }
}
