import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker'
import type { Logger } from '../activities/dependencies.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Folders of which workflows are made: the import rule allows them no other. */
const SOURCES = ['workflows', 'contracts'] as const

/** What npm notes of the packages that are installed, with versions and checksums. */
const PACKAGES = join(root, 'node_modules', '.package-lock.json')

/** Hex digits of SHA-256, which come before the script, so that half a file is not taken for one. */
const CHECKSUM_CHARACTERS = 64

/**
 * The workflows as the one script that Temporal runs. To make it takes seconds of a processor, so it is kept where Node
 * keeps compiled modules (`NODE_COMPILE_CACHE`), if it does: a worker that was killed is back sooner. Its name says what
 * it was made of, as the script of other sources would break the histories that it replays.
 */
export async function workflowBundle(
  failureConverterPath: string | undefined,
  logger: Logger,
  directory = getCompileCacheDir(),
  bundle: typeof bundleWorkflowCode = bundleWorkflowCode,
): Promise<WorkflowBundle> {
  const make = () =>
    bundle({
      workflowsPath: join(root, 'workflows', 'index.ts'),
      ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
      // What the bundler lists of its modules says nothing to an operator.
      logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
        level === 'ERROR' ? logger.error(meta ?? {}, message) : logger.warn(meta ?? {}, message),
      ),
    })
  if (directory === undefined) return make()
  const key = await keyOf(failureConverterPath)
  if (key === null) return make()
  const file = join(directory, `workflows-${key}.js`)
  const kept = await readKept(file)
  if (kept !== null) return { code: kept }
  const made = await make()
  // A file that was written meanwhile may be in it or not.
  if ((await keyOf(failureConverterPath)) !== key) return made
  await keep(file, made.code).catch((error: unknown) =>
    logger.debug({ err: error }, 'the bundle of the workflows is not kept'),
  )
  return made
}

/** Of all that the script is made of and where it lies, as traces name its files; null where that cannot be told. */
async function keyOf(failureConverterPath: string | undefined): Promise<string | null> {
  const hash = createHash('sha256').update(JSON.stringify([root, process.version]))
  const files: string[] = [PACKAGES]
  if (failureConverterPath !== undefined) files.push(failureConverterPath)
  for (const folder of SOURCES) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    files.push(
      ...entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
  }
  try {
    for (const file of files.sort()) {
      const text = await readFile(file)
      hash.update(JSON.stringify([file, text.length])).update(text)
    }
  } catch {
    return null
  }
  return hash.digest('hex').slice(0, 32)
}

async function readKept(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8')
    const code = text.slice(CHECKSUM_CHARACTERS)
    return text.startsWith(checksum(code)) ? code : null
  } catch {
    return null
  }
}

async function keep(file: string, code: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await writeFile(aside, `${checksum(code)}${code}`)
    // Workers that start at once each make it; none reads what another has not finished.
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

function checksum(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}
