import type { ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'
import { installNpmPackage } from '../install-npm-package.ts'
import { runSteps } from '../run-steps.ts'
import { bulkSteps } from './bulk-steps.ts'
import { exportSteps } from './export-steps.ts'
import { orgSteps } from './org-steps.ts'
import { querySteps } from './query-steps.ts'
import { recordSteps } from './record-steps.ts'
import { createSalesforceCli } from './salesforce-cli.ts'

const VERSION = '2.150.6'

/** The commands of the Salesforce CLI that work with an org's data. */
export async function runSalesforceCli(environment: ClientEnvironment): Promise<ClientRun> {
  const { simulator, folder, cache, say } = environment
  const installed = await installNpmPackage('@salesforce/cli', VERSION, cache, say)
  const cli = createSalesforceCli(installed, folder, simulator.accessToken)
  say('sf: logs in and runs its data commands; some minutes')
  return {
    client: 'sf',
    title: `Salesforce CLI ${VERSION}`,
    cases: await runSteps(
      [
        ...orgSteps(simulator.url),
        ...recordSteps(),
        ...querySteps(),
        ...bulkSteps(),
        ...exportSteps(),
      ],
      cli,
    ),
  }
}
