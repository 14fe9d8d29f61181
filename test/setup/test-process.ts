import { flushCompileCache } from 'node:module'
import { afterAll } from 'vitest'
import { endChildrenWithProcess } from './end-with-run.ts'

// What runs before each file of tests, in its process.
endChildrenWithProcess()
// vitest ends the process by a signal, and Node writes what it compiled at an orderly end only.
afterAll(() => flushCompileCache())
