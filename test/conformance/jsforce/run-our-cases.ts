import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { z } from 'zod'
import type { ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'
import { runSteps } from '../run-steps.ts'
import { bulkSteps } from './bulk-steps.ts'
import { connect } from './connected.ts'
import { listViewSteps } from './list-view-steps.ts'
import { metadataSteps } from './metadata-steps.ts'
import { oauthSteps } from './oauth-steps.ts'
import { objectSteps } from './object-steps.ts'
import { presentationSteps } from './presentation-steps.ts'
import { querySteps } from './query-steps.ts'
import { recordSteps } from './record-steps.ts'

/** Cases of ours that expect of the org what jsforce's own tests expect. */
export async function runOurCases(environment: ClientEnvironment): Promise<ClientRun> {
  const { simulator, say } = environment
  const manifest = createRequire(import.meta.url).resolve('jsforce/package.json')
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(manifest, 'utf8')))
  say('jsforce: our cases (JSFORCE_CHECKOUT=<folder> runs its own tests)')
  // jsforce's streams leave a rejection behind that would end this process; it is told of instead.
  const strays: unknown[] = []
  const hear = (reason: unknown): void => void strays.push(reason)
  process.on('unhandledRejection', hear)
  const cases = await runSteps(
    [
      ...objectSteps(),
      ...recordSteps(),
      ...querySteps(),
      ...bulkSteps(),
      ...metadataSteps(),
      ...presentationSteps(),
      ...listViewSteps(),
      ...oauthSteps(),
    ],
    { simulator, connection: connect(simulator) },
  )
  process.off('unhandledRejection', hear)
  for (const stray of strays) {
    cases.push({ suite: 'streams', name: 'rejects', outcome: 'failed', detail: String(stray) })
  }
  return { client: 'jsforce', title: `jsforce ${version}, our cases`, cases }
}
