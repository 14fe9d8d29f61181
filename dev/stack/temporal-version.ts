import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** The first with every option that the server is started with. */
const OLDEST: readonly [number, number] = [1, 5]

/**
 * The version of a `temporal` command, such as `1.9.1`.
 * @throws Error where it does not run, is something else, or is too old.
 */
export async function checkTemporalVersion(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version'], { timeout: 20_000 })
  const [, major, minor, patch] = /^temporal version (\d+)\.(\d+)\.(\d+)/.exec(stdout) ?? []
  if (major === undefined || minor === undefined) {
    throw new Error(`${binary} is not Temporal's command: it calls itself "${stdout.trim()}"`)
  }
  const [oldestMajor, oldestMinor] = OLDEST
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor)
  const version = `${major}.${minor}.${patch}`
  if (isOld) throw new Error(`${binary} is version ${version}, but ${OLDEST.join('.')} is needed`)
  return version
}
