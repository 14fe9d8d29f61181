import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkImports } from './import-rule.ts'

const ROOT = path.join(import.meta.dirname, '../..')

const rulesBroken = (file: string, source: string) =>
  checkImports(file, source).map(({ rule }) => rule)

describe('a violation is found', () => {
  test.each([
    ['workflows/bulk-job.ts', "import '../db/pool.ts'", 'workflows/ may not import db/'],
    [
      'workflows/proxies.ts',
      "import { createActivities } from '../activities/index.ts'",
      'workflows/ may import activities/ by `import type` only',
    ],
    [
      'workflows/proxies.ts',
      "import { type Activities } from '../activities/index.ts'",
      'workflows/ may import activities/ by `import type` only',
    ],
    [
      'workflows/lib/clock.ts',
      "import { readFileSync } from 'node:fs'",
      'workflows/ may not import node:fs: only @temporalio/workflow, @temporalio/common',
    ],
    [
      'workflows/bulk-job.ts',
      "import { schema } from '../contracts/http/bulk-jobs.ts'",
      'workflows/ may not import contracts/http/',
    ],
    ['contracts/ids.ts', "import { z } from 'zod'", 'contracts/ may not import zod: no package'],
    ['contracts/ids.ts', "import './http/x.ts'", 'contracts/ may not import contracts/http/'],
    [
      'contracts/http/bulk-jobs.ts',
      "import 'hono'",
      'contracts/http/ may not import hono: only zod, @hono/zod-openapi',
    ],
    ['simulator/main.ts', "import '../contracts/ids.ts'", 'simulator/ may not import contracts/'],
    ['bulk/tie.ts', "import '../db/pool.ts'", 'bulk/ may not import db/'],
    ['db/pool.ts', "import '../bulk/tie.ts'", 'db/ may not import bulk/'],
    ['db/pool.ts', "import '../config/environment.ts'", 'db/ may not import config/'],
    ['db/migrate-main.ts', "import '../api/app.ts'", 'db/ may not import api/'],
    ['activities/x.ts', "import '../config/environment.ts'", 'activities/ may not import config/'],
    ['api/app.ts', "import '../salesforce/client.ts'", 'api/ may not import salesforce/'],
    ['api/app.ts', "export * from '../worker/main.ts'", 'api/ may not import worker/'],
    ['config/environment.ts', "import '../contracts/ids.ts'", 'config/ may not import contracts/'],
    [
      'api/routes/x.ts',
      "import { sql } from 'slonik'",
      'api/ may not import slonik; only db, dev, test, bench may',
    ],
    [
      'activities/x.ts',
      "import 'pg/lib/client'",
      'activities/ may not import pg; only db, dev, test, bench may',
    ],
    [
      'temporal/x.ts',
      "const { fetch } = await import('undici')",
      'temporal/ may not import undici; only salesforce, outbound, dev, test, bench may',
    ],
    [
      'salesforce/x.test.ts',
      "import '@temporalio/common'",
      'salesforce/ may not import @temporalio/common; only workflows, activities, worker, temporal, api, dev, test, bench, docs may',
    ],
    [
      'vitest.config.ts',
      "import './config/environment.ts'",
      'a file at the root may not import config/',
    ],
    ['api/app.ts', "import '../package.json'", 'api/ may not import files at the root'],
    ['api/app.ts', "import '../../other/x.ts'", '../../other/x.ts is outside the project'],
    ['api/app.ts', "import '/srv/x.ts'", '/srv/x.ts is not allowed'],
    ['api/app.ts', 'await import(name)', 'a computed import is not allowed here'],
    ['helpers/x.ts', '', 'helpers/ is no room'],
  ])('%s: %s', (file, source, rule) => {
    expect(rulesBroken(file, source)).toEqual([rule])
  })
})

describe('what is allowed passes', () => {
  test.each([
    ['workflows/proxies.ts', "import type { Activities } from '../activities/index.ts'"],
    ['workflows/bulk-job.ts', "import { sleep } from '@temporalio/workflow'\nimport './lib/x.ts'"],
    ['workflows/bulk-job.test.ts', "import { test } from 'vitest'\nimport 'node:fs'"],
    ['contracts/ids.ts', "import type { z } from 'zod'"],
    ['contracts/http/x.ts', "import { z } from 'zod'\nimport '../ids.ts'"],
    ['db/migrate-main.ts', "import '../config/environment.ts'"],
    ['activities/x.ts', "import '../bulk/tie.ts'\nimport '../db/pool.ts'"],
    ['dev/start.ts', "import '../simulator/main.ts'\nimport 'pg'\nawait import(name)"],
    ['test/crash/x.test.ts', "import '../../db/pool.ts'\nimport 'slonik'"],
    ['simulator/x.ts', "import 'hono'\nimport './store/x.ts'"],
  ])('%s', (file, source) => {
    expect(rulesBroken(file, source)).toEqual([])
  })
})

describe('npm run check:imports', () => {
  let tree = ''
  beforeEach(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'import-rule-'))
  })
  afterEach(() => rmSync(tree, { recursive: true, force: true }))

  const plant = (file: string, source: string) => {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true })
    writeFileSync(path.join(tree, file), source)
  }
  const run = () =>
    spawnSync('npm', ['run', '--silent', 'check:imports', '--', tree], {
      cwd: ROOT,
      encoding: 'utf8',
    })

  test('fails on a planted violation and names file, line, rule and reason', () => {
    plant('contracts/ids.ts', 'export const ids = 1\n')
    plant('simulator/deep/org.ts', "// a comment\nimport { ids } from '../../contracts/ids.ts'\n")
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain(
      'simulator/deep/org.ts:2  simulator/ may not import contracts/  (a simulated org that shares code',
    )
    expect(stderr).toContain('1 imports break the rule')
  })

  test('passes where nothing is planted', () => {
    plant('contracts/ids.ts', 'export const ids = 1\n')
    plant('bulk/x.ts', "import '../contracts/ids.ts'\n")
    const { status, stdout } = run()
    expect(stdout).toContain('2 files import what their rooms may.')
    expect(status).toBe(0)
  })

  test('fails where there is nothing to check', () => {
    expect(run().status).toBe(1)
  })
})
