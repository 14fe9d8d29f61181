import { flushCompileCache } from 'node:module'
import { afterAll, vi } from 'vitest'
import { endChildrenWithProcess } from './end-with-run.ts'

// What runs before each file of tests, in its process.
endChildrenWithProcess()

afterAll(() => {
  // Unit tests share processes: a clock that one file stopped would stand still in the next.
  vi.useRealTimers()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  // vitest ends the process by a signal, and Node writes what it compiled at an orderly end only.
  flushCompileCache()
})
