import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BundleOptions } from '@temporalio/worker'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { workflowBundle } from './workflow-bundle.ts'

const CONVERTER = fileURLToPath(new URL('../temporal/failure-converter.ts', import.meta.url))
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Stands for the bundler, which takes seconds. */
const bundle = vi.fn(async ({ workflowsPath, failureConverterPath }: BundleOptions) => ({
  code: `exports.made = [${JSON.stringify(workflowsPath)}, ${JSON.stringify(failureConverterPath)}]`,
  sourceMap: '',
}))

let directory: string
beforeEach(async () => {
  bundle.mockClear()
  directory = await mkdtemp(join(tmpdir(), 'workflow-bundle-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const codeWith = async (converter?: string) =>
  (await workflowBundle(converter, silent, directory, bundle)).code

test('it is made once', async () => {
  const first = await codeWith()
  expect(first).toMatch(/workflows.index\.ts/)
  expect(await codeWith()).toBe(first)
  expect(bundle).toHaveBeenCalledTimes(1)
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^workflows-\w{32}\.js$/)])
})

test('a file that was cut off or changed is not run, but made again', async () => {
  const code = await codeWith()
  const [name = ''] = await readdir(directory)
  const file = join(directory, name)
  const whole = await readFile(file, 'utf8')
  for (const damaged of ['', whole.slice(0, -10), `${whole}//`]) {
    await writeFile(file, damaged)
    expect(await codeWith()).toBe(code)
    expect(await readFile(file, 'utf8')).toBe(whole)
  }
  expect(bundle).toHaveBeenCalledTimes(4)
  expect(whole.startsWith(createHash('sha256').update(code).digest('hex'))).toBe(true)
})

test('one with a converter of failures is another one', async () => {
  const plain = await codeWith()
  expect(await codeWith(CONVERTER)).not.toBe(plain)
  expect(await codeWith()).toBe(plain)
  expect(bundle).toHaveBeenCalledTimes(2)
  expect(await readdir(directory)).toHaveLength(2)
})

test('where it cannot be kept it is made all the same', async () => {
  const missing = join(directory, 'missing')
  const { code } = await workflowBundle(undefined, silent, missing, bundle)
  expect(code).toMatch(/workflows.index\.ts/)
  expect(bundle).toHaveBeenCalledTimes(1)
})
