import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeTemporaryDirectory } from './temporary-directory.ts'

const MODULE = new URL('temporary-directory.ts', import.meta.url).href

let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'temporary-directory-'))
  vi.stubEnv('TMPDIR', temporary)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(temporary, { recursive: true, force: true })
})

/** Another process of the installation, with a file in its folder. */
async function startOther(part: string): Promise<{ child: ChildProcess; folder: string }> {
  const script = `
    import { makeTemporaryDirectory } from '${MODULE}'
    console.log(await makeTemporaryDirectory('${part}', 'installation'))
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [folder] = await once(createInterface({ input: child.stdout }), 'line')
  await writeFile(join(String(folder), 'rows'), 'of a caller')
  return { child, folder: String(folder) }
}

test.each(['api', 'transfers'] as const)(
  'what a killed process of %s left is removed, and what a living one uses stays',
  async (part) => {
    const killed = await startOther(part)
    const living = await startOther(part)
    try {
      killed.child.kill('SIGKILL')
      await once(killed.child, 'exit')
      expect(await readdir(killed.folder)).toEqual(['rows'])

      const own = await makeTemporaryDirectory(part, 'installation')
      const parent = join(temporary, `conveyor-${part}-installation`)
      expect((await readdir(parent)).sort()).toEqual(
        [basename(living.folder), basename(own)].sort(),
      )
      expect(await readdir(living.folder)).toEqual(['rows'])
      // Callers' rows are nobody else's.
      expect((await stat(own)).mode & 0o777).toBe(0o700)
    } finally {
      for (const { child } of [killed, living]) child.kill('SIGKILL')
    }
  },
)

test('a number that another process has by now does not keep a folder', async () => {
  const parent = join(temporary, 'conveyor-api-installation')
  const own = await makeTemporaryDirectory('api', 'installation')
  const { child, folder } = await startOther('api')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const reused = join(parent, `${process.pid}-${basename(folder).split('-')[1]}`)
  await writeFile(reused, '')
  await makeTemporaryDirectory('api', 'installation')
  expect(await readdir(parent)).toEqual([basename(own)])
})
