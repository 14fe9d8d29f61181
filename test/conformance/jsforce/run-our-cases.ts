import type { ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'

export async function runOurCases(_environment: ClientEnvironment): Promise<ClientRun> {
  return { client: 'jsforce', title: 'jsforce', cases: [] }
}
