import { execFile } from 'node:child_process'
import { access, chown, constants } from 'node:fs/promises'
import { promisify } from 'node:util'
import { StackProblem } from './stack-problem.ts'

const run = promisify(execFile)
const NAME = 'postgres'

export interface SystemUser {
  uid: number
  gid: number
}

/**
 * Whom the server runs as: `undefined` (the current user) unless this process is root, which
 * Postgres refuses; then the system user `postgres`, made where it is missing.
 */
export async function postgresUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await lookUp()
  if (existing !== undefined) return existing
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', NAME])
  } catch (error) {
    throw new StackProblem(
      `Postgres does not run as root, and the system user "${NAME}" could not be made: ${String(error)}`,
      'Run `npm start` as another user, make that system user, or set DATABASE_URL.',
      { cause: error },
    )
  }
  return lookUp()
}

/** Gives `directory` to `user` and makes sure that this user can get to it and to `binary`. */
export async function handOver(
  directory: string,
  binary: string,
  user: SystemUser | undefined,
): Promise<void> {
  if (user === undefined) return
  await chown(directory, user.uid, user.gid)
  for (const path of [directory, binary]) {
    try {
      await run('test', ['-x', path], user)
      await access(path, constants.X_OK)
    } catch (error) {
      throw new StackProblem(
        `Postgres does not run as root, and the system user "${NAME}" has no access to ${path}.`,
        "Keep the checkout outside of root's home folder, or set CONVEYOR_STATE_DIR to a folder that other users may enter, or run as another user.",
        { cause: error },
      )
    }
  }
}

async function lookUp(): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])])
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) }
  } catch (error) {
    // `id` ends with 1 for a name that it does not know.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 1) {
      return undefined
    }
    throw error
  }
}
