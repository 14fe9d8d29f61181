import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const ENTRY = path.join(import.meta.dirname, '../../bin/node24.js')
const PRETENDED = '20.11.0'

let tree = ''
let entry = ''
let script = ''

beforeEach(() => {
  tree = mkdtempSync(path.join(tmpdir(), 'node24-'))
  entry = path.join(tree, 'bin/node24.js')
  script = path.join(tree, 'script.ts')
  mkdirSync(path.dirname(entry))
  copyFileSync(ENTRY, entry)
  writeFileSync(path.join(tree, 'package.json'), '{"type":"module"}')
})
afterEach(() => rmSync(tree, { recursive: true, force: true }))

/** Makes the entry, and only it, believe that it runs on an old Node. */
function pretendOldNode(): readonly string[] {
  const preload = path.join(tree, 'preload.cjs')
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${PRETENDED}' } })`,
  )
  return ['--require', preload]
}

function bundleNode(): void {
  const folder = path.join(tree, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin')
  mkdirSync(folder, { recursive: true })
  symlinkSync(process.execPath, path.join(folder, 'node'))
}

const run = (flags: readonly string[], ...given: readonly string[]) =>
  spawnSync(process.execPath, [...flags, entry, ...given], {
    encoding: 'utf8',
    input: 'from the outside',
  })

const ECHO = `
import { readFileSync } from 'node:fs'
const seen: Record<string, unknown> = {
  arguments: process.argv.slice(2),
  script: process.argv[1],
  input: readFileSync(0, 'utf8'),
  version: process.versions.node,
  setting: process.env.NODE24_TEST_SETTING ?? null,
}
console.log(JSON.stringify(seen))
process.exitCode = 7
`

describe.each(['a new Node', 'an old Node with a bundled one'])('on %s', (kind) => {
  const prepare = () => {
    if (kind === 'a new Node') return []
    bundleNode()
    return pretendOldNode()
  }

  test('the script has its arguments, its input and its exit code', () => {
    writeFileSync(script, ECHO)
    const { status, stdout } = run(prepare(), script, '--flag', 'two words')
    expect(JSON.parse(stdout)).toEqual({
      arguments: ['--flag', 'two words'],
      script,
      input: 'from the outside',
      version: process.versions.node,
      setting: null,
    })
    expect(status).toBe(7)
  })

  test('.env is read when asked for, and only then', () => {
    writeFileSync(script, ECHO)
    writeFileSync(path.join(tree, '.env'), 'NODE24_TEST_SETTING=from-file\n')
    const flags = prepare()
    expect(JSON.parse(run(flags, '--env', script).stdout).setting).toBe('from-file')
    expect(JSON.parse(run(flags, script).stdout).setting).toBeNull()
  })

  test('a missing .env is no error', () => {
    writeFileSync(script, ECHO)
    expect(run(prepare(), '--env', script).status).toBe(7)
  })

  test('a signal reaches the script, and its end is passed on', async () => {
    writeFileSync(
      script,
      "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up')",
    )
    const child = spawn(process.execPath, [...prepare(), entry, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([9, null])
  })
})

test('a script that dies of a signal is seen to do so through the old Node', () => {
  bundleNode()
  writeFileSync(script, "process.kill(process.pid, 'SIGKILL')")
  expect(run(pretendOldNode(), script).signal).toBe('SIGKILL')
})

test('where there is no Node to run on, the message says the way out', () => {
  writeFileSync(script, ECHO)
  const { status, stderr } = run(pretendOldNode(), script)
  expect(status).toBe(69)
  expect(stderr).toContain(`this is Node ${PRETENDED}`)
  expect(stderr).toContain('npm ci')
  expect(stderr).toContain('https://nodejs.org')
})

test('without a script it says how it is used', () => {
  const { status, stderr } = run([])
  expect(status).toBe(64)
  expect(stderr).toContain('usage:')
})
