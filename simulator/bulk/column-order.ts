import { createRandom, seedOf, shuffledOrder } from '../seeded-random.ts'
import type { Settings } from '../settings.ts'

/**
 * The order in which a job's result files echo its columns: the same in each file of the job,
 * made from the seed and the job's id.
 */
export function columnOrder(settings: Settings, jobId: string, columns: number): number[] {
  if (!settings.shuffleColumns) return Array.from({ length: columns }, (_, index) => index)
  return shuffledOrder(columns, createRandom(settings.seed ^ seedOf(jobId)))
}

/** The order of lines within one stretch of a result file. */
export function rowOrder(settings: Settings, jobId: string, seq: number, rows: number): number[] {
  if (!settings.shuffleRows) return Array.from({ length: rows }, (_, index) => index)
  return shuffledOrder(rows, createRandom(settings.seed ^ seedOf(`${jobId}/${seq}`)))
}
