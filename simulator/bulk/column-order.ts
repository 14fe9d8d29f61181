import { createRandom, seedOf, shuffledOrder } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'
import type { Job } from '../store/job-store.ts'

/**
 * The order in which a job's result files echo its columns. The job keeps what it is made from:
 * lines that are stored must fit a header that is written later, whatever is set by then.
 */
export function columnOrder({ id, columnSeed }: Job, columns: number): number[] {
  if (columnSeed === null) return Array.from({ length: columns }, (_, index) => index)
  return shuffledOrder(columns, createRandom(columnSeed ^ seedOf(id)))
}

/** The order of lines within one stretch of a result file. */
export function rowOrder(settings: Settings, jobId: string, seq: number, rows: number): number[] {
  if (!settings.shuffleRows) return Array.from({ length: rows }, (_, index) => index)
  return shuffledOrder(rows, createRandom(settings.seed ^ seedOf(`${jobId}/${seq}`)))
}
