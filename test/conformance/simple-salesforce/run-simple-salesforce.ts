import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { CaseResult, ClientRun } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'
import { runCommand } from '../run-command.ts'

const VERSION = '1.12.10'

const resultLine = z.object({
  suite: z.string(),
  name: z.string(),
  outcome: z.enum(['passed', 'failed']),
  detail: z.string(),
})

/** All of simple-salesforce but SOSL, SOAP, Bulk 1.0, Apex and Tooling. */
export async function runSimpleSalesforce(environment: ClientEnvironment): Promise<ClientRun> {
  const { simulator, folder, cache, say } = environment
  const python = await installInto(join(cache, `simple-salesforce-${VERSION}`), say)
  say('simple-salesforce: queries, records and bulk jobs')
  const script = fileURLToPath(new URL('main.py', import.meta.url))
  const run = await runCommand(python, [script, simulator.url, simulator.accessToken, folder], {
    folder,
    // Byte code of the cases would be left beside them.
    environment: { PYTHONDONTWRITEBYTECODE: '1' },
    limitMs: 300_000,
  })
  const cases = run.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line): CaseResult => resultLine.parse(JSON.parse(line)))
  // A script that broke off has told of some cases only, none of which may have failed.
  if (run.code !== 0) throw new Error(`the cases of simple-salesforce broke off:\n${run.errors}`)
  return { client: 'simple-salesforce', title: `simple-salesforce ${VERSION}`, cases }
}

/** Gives the Python of a virtual environment that has the client, made on the first run. */
async function installInto(folder: string, say: (line: string) => void): Promise<string> {
  const windows = process.platform === 'win32'
  const python = join(
    folder,
    'venv',
    windows ? 'Scripts' : 'bin',
    windows ? 'python.exe' : 'python',
  )
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  say(`installing simple-salesforce ${VERSION} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  const steps: readonly [string, string, readonly string[]][] = [
    ['make a virtual environment', windows ? 'python' : 'python3', ['-m', 'venv', 'venv']],
    [
      'install the package from PyPI',
      python,
      ['-m', 'pip', 'install', '--quiet', `simple-salesforce==${VERSION}`],
    ],
  ]
  for (const [what, program, args] of steps) {
    const { code, errors } = await runCommand(program, args, { folder })
    if (code !== 0) throw new Error(`could not ${what} in ${folder}:\n${errors}`)
  }
  // Written last: an install that was broken off is done again.
  writeFileSync(complete, '')
  return python
}
