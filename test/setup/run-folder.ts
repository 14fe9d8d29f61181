import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWithProcess } from './end-with-run.ts'

/**
 * A temporary folder for all that the run, its tests and the processes they start write, also those that they kill. It
 * goes with the run, however that ends.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = process.env['TEST_RUN_FOLDER'] ?? (await makeFolder())
  countUsers(1)
  return async () => {
    if (countUsers(-1) === 0) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Each project of a run sets up for itself, with modules of its own; what they share is the environment. */
function countUsers(change: 1 | -1): number {
  const users = Number(process.env['TEST_RUN_FOLDER_USERS'] ?? 0) + change
  process.env['TEST_RUN_FOLDER_USERS'] = String(users)
  return users
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'conveyor-test-'))
  removeWithProcess(folder)
  const temporary = join(folder, 'tmp')
  await mkdir(temporary)
  // Where the run is root's, Postgres runs as another user and must be able to enter.
  for (const each of [folder, temporary]) await chmod(each, 0o711)
  process.env['TEST_RUN_FOLDER'] = folder
  process.env['TMPDIR'] = temporary
  // Hundreds of processes load the same modules, and most of a start is compiling them.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled')
  return folder
}
