import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Attempts of one activity of one job that succeeded. */
export interface ActivityTime {
  readonly activity: string
  readonly count: number
  readonly totalMs: number
  readonly longestMs: number
  /** End of the last one, in ms since 1970. */
  readonly lastEndedAt: number
}

/** Sums what the workers logged about a job, the longest in total first. */
export async function readActivityTimes(
  logDirectory: string,
  jobId: string,
): Promise<readonly ActivityTime[]> {
  const times = new Map<string, ActivityTime>()
  for (const name of ['worker.log', 'transfers.log']) {
    const text = await readFile(join(logDirectory, name), 'utf8')
    for (const line of text.split('\n')) {
      // Cheap first: most lines are of other jobs.
      if (!line.includes('"activity done"') || !line.includes(jobId)) continue
      const entry: unknown = JSON.parse(line)
      if (!isActivityLine(entry)) continue
      const { activity, durationMs, time } = entry
      const before = times.get(activity)
      times.set(activity, {
        activity,
        count: (before?.count ?? 0) + 1,
        totalMs: (before?.totalMs ?? 0) + durationMs,
        longestMs: Math.max(before?.longestMs ?? 0, durationMs),
        lastEndedAt: Math.max(before?.lastEndedAt ?? 0, time),
      })
    }
  }
  return [...times.values()].toSorted((a, b) => b.totalMs - a.totalMs)
}

function isActivityLine(
  entry: unknown,
): entry is { activity: string; durationMs: number; time: number } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'activity' in entry &&
    typeof entry.activity === 'string' &&
    'durationMs' in entry &&
    typeof entry.durationMs === 'number' &&
    'time' in entry &&
    typeof entry.time === 'number'
  )
}
