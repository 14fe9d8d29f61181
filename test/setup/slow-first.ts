import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that wait for processes to start, to be killed, and to be given up by others. */
const SLOW = /\/test\/(?:crash|bulk-job|secrets|connections)\//

/**
 * vitest begins with what took longest the last time, and in a clean clone with what is largest, which says nothing:
 * a file that waits for a minute and is begun last makes the whole run wait.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isSlow = (file: TestSpecification) => SLOW.test(file.moduleId)
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}
