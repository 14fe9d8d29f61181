import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Starts what integration tests share (database, Temporal server, workflow bundle), once a run. */
const globalSetup = fileURLToPath(new URL('test/setup/global-setup.ts', import.meta.url))

/** What comes true by itself may take its time on a busy machine; one second is the default. */
const patient = { poll: { timeout: 15_000 } }

export default defineConfig({
  test: {
    // A `test.only` left behind would hide every other test.
    allowOnly: false,
    // No test found is a broken run, not a good one.
    passWithNoTests: false,
    restoreMocks: true,
    teardownTimeout: 30_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', '.conveyor/**', 'test/**'],
          pool: 'threads',
          expect: patient,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          globalSetup: existsSync(globalSetup) ? [globalSetup] : [],
          // Temporal's native module and its runtime are one a process.
          pool: 'forks',
          expect: patient,
          // Each file starts processes of its own and waits most of the time; more at once breaks time-outs.
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
