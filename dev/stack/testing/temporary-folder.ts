import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is removed after the running test; other users may enter it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'conveyor-dev-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // Where the run is root's, Postgres runs as another user.
  await chmod(folder, 0o711)
  return folder
}
