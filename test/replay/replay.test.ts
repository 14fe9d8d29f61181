import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type BundleOptions,
  bundleWorkflowCode,
  type ReplayWorkerOptions,
  Runtime,
  Worker,
} from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { beforeAll, describe, expect, test } from 'vitest'
import { createSealing, deriveSealingKey } from '../../security/sealing.ts'
import { createDataConverter } from '../../temporal/codec.ts'
import * as workflows from '../../workflows/index.ts'
import { REPLAY_KEY } from './replay-key.ts'

const HISTORIES = new URL('histories/', import.meta.url)
const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'))

/** `EVENT_TYPE_TIMER_STARTED` of Temporal's API. */
const TIMER_STARTED = 17

let options: ReplayWorkerOptions
/** As a worker that seals payloads. */
let sealing: ReplayWorkerOptions

beforeAll(async () => {
  // A violation is told by the error; the runtime's own lines would only repeat it.
  Runtime.install({
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
  options = { workflowBundle: await bundle({}) }
  const keys = createSealing([deriveSealingKey(REPLAY_KEY)])
  const dataConverter = createDataConverter(keys, true)
  const { failureConverterPath } = dataConverter
  if (failureConverterPath === undefined) throw new Error('Failures would stay in clear.')
  sealing = { workflowBundle: await bundle({ failureConverterPath }), dataConverter }
})

function bundle(more: Partial<BundleOptions>) {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    ...more,
  })
}

function textOf(file: string): string {
  return readFileSync(new URL(file, HISTORIES), 'utf8')
}

/** Its payloads open with the key alone. */
const isSealed = (file: string) => file.endsWith('-sealed.json')

/** A history of the current release whose path takes every step of a load. */
function plainHistory(): string {
  const file = files.findLast((name) => /^bulkJob-.*-plain\.json$/.test(name))
  return textOf(file ?? 'no history of a plain bulkJob')
}

async function replay(history: string, how = options): Promise<void> {
  await Worker.runReplayHistory(how, JSON.parse(history))
}

test('the bundle exports every workflow type, and no other', () => {
  const types = Object.keys(workflows).sort()
  expect(types).toEqual([
    'bulkJob',
    'bulkQuery',
    'describeObject',
    'endpoint',
    'exchangeAuthorizationCode',
    'listObjects',
    'notification',
    'pump',
    'reEncrypt',
    'refreshMetadata',
    'replay',
    'retention',
    'revokeConnection',
    'rollUpAnalytics',
    'rollup',
    'runQuery',
    'syncMirror',
    'testConnection',
  ])
  // A type without a history could change its steps unseen.
  for (const type of types) expect(files.some((file) => file.startsWith(`${type}-`))).toBe(true)
})

describe('histories of every release replay on this one', () => {
  test.each(files.filter((file) => !isSealed(file)))('%s', async (file) => {
    await replay(textOf(file))
  })

  test.each(files)('%s on a worker that seals', async (file) => {
    await replay(textOf(file), sealing)
  })

  test('and a sealed one on no worker without its key', async () => {
    const file = files.find(isSealed) ?? 'no sealed history'
    await expect(replay(textOf(file))).rejects.toThrow()
    const other = createSealing([deriveSealingKey('another key than the one of the histories')])
    const dataConverter = createDataConverter(other, true)
    await expect(replay(textOf(file), { ...sealing, dataConverter })).rejects.toThrow()
  })
})

describe('a replay that does not fit fails', () => {
  test('another activity than the code asks for', async () => {
    const tampered = plainHistory().replaceAll('"sendLoad"', '"sendRows"')
    expect(tampered).not.toBe(plainHistory())
    await expect(replay(tampered)).rejects.toThrow(DeterminismViolationError)
  })

  test('another workflow than the history is of', async () => {
    const tampered = plainHistory().replace('"name": "bulkJob"', '"name": "retention"')
    expect(tampered).not.toBe(plainHistory())
    await expect(replay(tampered)).rejects.toThrow(DeterminismViolationError)
  })

  test('an activity that the history does not have', async () => {
    // Our own file; see history-file.ts.
    const { events } = JSON.parse(plainHistory()) as { events: Record<string, unknown>[] }
    const first = events.findIndex((event) => 'activityTaskScheduledEventAttributes' in event)
    expect(first).toBeGreaterThan(0)
    const { activityTaskScheduledEventAttributes: _, ...event } = events[first] ?? {}
    const timer = {
      ...event,
      eventType: TIMER_STARTED,
      timerStartedEventAttributes: { timerId: '1', startToFireTimeout: { seconds: 1 } },
    }
    const tampered = [...events.slice(0, first), timer, ...events.slice(first + 1)]
    await expect(replay(JSON.stringify({ events: tampered }))).rejects.toThrow(
      DeterminismViolationError,
    )
  })
})
