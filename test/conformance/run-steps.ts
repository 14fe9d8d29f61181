import type { CaseResult } from './case-result.ts'

/** One case of ours: it passes unless it throws. */
export interface Step<Context> {
  readonly suite: string
  readonly name: string
  readonly run: (context: Context) => Promise<void>
}

/** Runs cases in order, each to its end whatever became of those before. */
export async function runSteps<Context>(
  steps: readonly Step<Context>[],
  context: Context,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const { suite, name, run } of steps) {
    try {
      await run(context)
      results.push({ suite, name, outcome: 'passed', detail: '' })
    } catch (error) {
      // A failure is the finding here; it is reported with the rest.
      const detail = error instanceof Error ? error.message : String(error)
      results.push({ suite, name, outcome: 'failed', detail })
    }
  }
  return results
}
