import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { banner } from './banner.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function run(...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...options], {
    encoding: 'utf8',
    env: { ...process.env, SIMULATOR_PORT: 'none' },
  })
  return { status, stdout, stderr }
}

describe('starting', () => {
  test('an unknown option is refused, and nothing listens', () => {
    const { status, stdout, stderr } = run('--bogus')
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain("Unknown option '--bogus'")
  })

  test('a value that cannot be is refused by its name', () => {
    const { status, stderr } = run()
    expect(status).toBe(2)
    expect(stderr).toContain('SIMULATOR_PORT')
  })

  test('help tells all options', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    for (const option of ['--port', '--host', '--url', '--database']) {
      expect(stdout).toContain(option)
    }
  })

  test('the banner tells where the org is, and no secret that somebody chose', () => {
    const options = { url: 'http://127.0.0.1:1', clientId: 'mine', database: ':memory:' }
    expect(banner({ ...options, hasDefaultSecret: true })).toContain('simulator-secret')
    const text = banner({ ...options, hasDefaultSecret: false })
    expect(text).toContain("instanceUrl: 'http://127.0.0.1:1'")
    expect(text).toContain('client_id=mine')
    expect(text).not.toContain('simulator-secret')
  })
})
