import { execFile } from 'node:child_process'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory } from '../stack/temporal-binary.ts'

const run = promisify(execFile)
const VERSION = '4.32.5'
const INSTALL_MS = 300_000

/**
 * The `st` command of schemathesis, installed where it is missing into a folder of its own in the user's cache.
 * @throws Error where there is no Python 3, or its packages cannot be had.
 */
export async function obtainSchemathesis(
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDirectory(env), `schemathesis-${VERSION}`)
  const command = join(folder, 'bin', 'st')
  const complete = join(folder, 'complete')
  const isThere = await access(complete).then(
    () => true,
    () => false,
  )
  if (isThere) return command
  report(`schemathesis ${VERSION}: being installed into ${folder}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(dirname(folder), { recursive: true })
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS })
    await run(
      join(folder, 'bin', 'python'),
      [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
        ...['--only-binary=:all:', `schemathesis==${VERSION}`],
      ],
      { timeout: INSTALL_MS },
    )
    // Last: an installation that was broken off is made anew.
    await writeFile(complete, '')
  } catch (error) {
    throw new Error('schemathesis could not be installed.', { cause: error })
  }
  return command
}
