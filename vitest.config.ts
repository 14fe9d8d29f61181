import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const setup = (name: string) => fileURLToPath(new URL(`test/setup/${name}`, import.meta.url))

/** What comes true by itself may take its time on a busy machine; one second is the default. */
const patient = { poll: { timeout: 15_000 } }

/**
 * Of both projects together. Most of an integration test is waiting, so there are more than processors; with many more
 * time-outs break.
 */
const WORKERS = 4

/** What both projects need: a folder that goes with the run, and servers that end with their process. */
const contained = {
  setupFiles: [setup('test-process.ts')],
  expect: patient,
}

/** Files that wait for processes to start, to be killed, and to be given up by others. */
const SLOW = /\/test\/(?:crash|bulk-job|mirror|soql-query|secrets|connections)\//

/**
 * vitest begins with what took longest the last time, and in a clean clone with what is largest, which says nothing:
 * a file that waits for a minute and is begun last makes the whole run wait.
 */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isSlow = (file: TestSpecification) => SLOW.test(file.moduleId)
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}

export default defineConfig({
  test: {
    // A `test.only` left behind would hide every other test.
    allowOnly: false,
    // No test found is a broken run, not a good one.
    passWithNoTests: false,
    restoreMocks: true,
    teardownTimeout: 30_000,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        test: {
          ...contained,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', '.conveyor/**', 'test/**'],
          globalSetup: [setup('run-folder.ts')],
          // Not threads: V8 keeps one table of compiled code a process, and many threads that start and end have
          // crashed it (`Check failed: jit_page.has_value()`).
          pool: 'forks',
          // Half of a file's time is loading modules. Each file leaves the process as it found it: what it mocks is
          // restored (test-process.ts), and it starts servers of its own.
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          ...contained,
          name: 'integration',
          include: ['test/**/*.test.ts'],
          globalSetup: [setup('run-folder.ts'), setup('global-setup.ts')],
          // Temporal's native module and its runtime are one a process.
          pool: 'forks',
          maxWorkers: WORKERS,
          // What is marked concurrent waits for leases and heartbeats to run out: all of a file at once.
          maxConcurrency: 12,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
