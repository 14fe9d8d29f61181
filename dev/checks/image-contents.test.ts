import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readComposeFile } from './compose-file.ts'
import { createImageFilter, loadedSources } from './image-contents.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

/** Files that the commands of `docker-compose.yml` run, and those that are loaded by their path. */
const ENTRIES = [
  ...Object.values(readComposeFile(path.join(ROOT, 'docker-compose.yml')))
    .filter(({ image }) => image.startsWith('conveyor:'))
    .map(({ command }) => [command].flat().at(-1) ?? ''),
  'workflows/index.ts',
  'simulator/bulk/worker.ts',
]
const loaded = loadedSources(ROOT, ENTRIES)

test('the image holds every file that its processes load', () => {
  const isInImage = createImageFilter(read('.dockerignore'))
  expect(ENTRIES).toContain('worker/main.ts')
  expect(loaded.files.size).toBeGreaterThan(100)
  expect([...loaded.files].filter((file) => !isInImage(file))).toEqual([])
})

test('every package that they load is installed without the development ones', () => {
  const { dependencies }: { dependencies: object } = JSON.parse(read('package.json'))
  const missing = [...loaded.packages].filter(([name]) => !(name in dependencies))
  expect(missing).toEqual([])
})

test('a filter keeps tests and unnamed folders out', () => {
  const isInImage = createImageFilter('**\n!api\n!package.json\n**/*.test.ts\n')
  expect(['api/main.ts', 'api/http/body.ts', 'package.json'].every(isInImage)).toBe(true)
  expect(['api/main.test.ts', 'apis/main.ts', 'dev/start.ts', '.env'].some(isInImage)).toBe(false)
})

test('a pattern that the filter does not know is an error', () => {
  expect(() => createImageFilter('node_modules\n')).toThrow('begins with')
  expect(() => createImageFilter('**\n!api\n*.md\n')).toThrow('*.md')
  expect(() => createImageFilter('**\n**/*.test.ts\n!api\n')).toThrow('!api')
})
