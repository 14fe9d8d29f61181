import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { CaseResult, ClientRun, Outcome } from '../case-result.ts'
import type { ClientEnvironment } from '../client-environment.ts'
import { runCommand } from '../run-command.ts'

const FILES = ['connection-crud', 'query', 'bulk2', 'sobject', 'oauth2', 'connection-meta']
const CASE_LIMIT_MS = 120_000

/** What `jest --json` writes, as far as it is read here. */
const jestResult = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullable(),
        }),
      ),
    }),
  ),
})

/** The folder of the jsforce that this project pins. */
function installedJsforce(): string {
  return dirname(createRequire(import.meta.url).resolve('jsforce/package.json'))
}

/**
 * Runs jsforce's own test files, as they are, from a checkout whose own dependencies are installed.
 * They test the jsforce that this project pins, not the checkout's sources. Rejects when the
 * checkout cannot be run.
 */
export async function runOwnTests(
  checkout: string,
  environment: ClientEnvironment,
): Promise<ClientRun> {
  const jest = join(checkout, 'node_modules', 'jest', 'bin', 'jest.js')
  if (!existsSync(jest)) {
    throw new Error(
      `JSFORCE_CHECKOUT=${checkout} has no ${jest}: install the checkout's dependencies with npm first`,
    )
  }
  const config = join(environment.folder, 'jest.config.json')
  const result = join(environment.folder, 'jest-result.json')
  writeFileSync(config, JSON.stringify(jestConfig(checkout), null, 2))
  environment.say(`jsforce: its own tests of ${FILES.join(', ')}; a minute or two`)
  const run = await runCommand(
    process.execPath,
    [jest, '--config', config, '--json', '--outputFile', result, '--runInBand', '--forceExit'],
    {
      folder: checkout,
      environment: {
        SF_LOGIN_URL: environment.simulator.url,
        SF_ACCESS_TOKEN: environment.simulator.accessToken,
        // Set, it makes jest repeat what failed.
        CI: undefined,
        NODE_OPTIONS: undefined,
      },
      limitMs: 900_000,
    },
  )
  if (!existsSync(result)) throw new Error(`jest wrote no result:\n${run.output}\n${run.errors}`)
  const parsed = jestResult.parse(JSON.parse(readFileSync(result, 'utf8')))
  return {
    client: 'jsforce',
    title: `jsforce ${versionOf(installedJsforce())}, its own tests (of ${versionOf(checkout)})`,
    cases: numberTwins(
      parsed.testResults.flatMap((file) => {
        const suite = `test/${file.name.replace(/^.*[\\/]/, '')}`
        // A file that cannot be loaded has no cases; without this it would count as none failed.
        if (file.assertionResults.length === 0) {
          return [{ suite, name: 'loads', outcome: 'failed' as const, detail: file.message }]
        }
        return file.assertionResults.map((found) => ({
          suite,
          name: [...found.ancestorTitles, found.title].join(' › '),
          outcome: outcomeOf(found.status),
          detail: (found.failureMessages ?? []).join('\n'),
        }))
      }),
    ),
  }
}

function jestConfig(checkout: string): object {
  const jsforce = installedJsforce()
  return {
    rootDir: checkout,
    testMatch: [`<rootDir>/test/{${FILES.join(',')}}.test.ts`],
    setupFilesAfterEnv: ['<rootDir>/jest.setup.js'],
    testTimeout: CASE_LIMIT_MS,
    moduleNameMapper: {
      '^jsforce$': jsforce,
      '^jsforce/(.+)': `${jsforce}/$1`,
      '^\\./bulk\\.test$': fileURLToPath(new URL('insert-accounts.cjs', import.meta.url)),
    },
  }
}

function versionOf(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}

function outcomeOf(status: string): Outcome {
  switch (status) {
    case 'passed':
      return 'passed'
    case 'pending':
    case 'todo':
    case 'skipped':
    case 'disabled':
      return 'skipped'
    default:
      return 'failed'
  }
}

/** Some files have cases of one name: a known difference has to tell them apart. */
function numberTwins(cases: readonly CaseResult[]): CaseResult[] {
  const seen = new Map<string, number>()
  return cases.map((result) => {
    const key = `${result.suite} ${result.name}`
    const number = (seen.get(key) ?? 0) + 1
    seen.set(key, number)
    return number === 1 ? result : { ...result, name: `${result.name} (${number})` }
  })
}
