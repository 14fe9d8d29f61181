import { parseArgs } from 'node:util'
import { UsageError, wholeNumber } from '../command-line.ts'

/** One load to measure. */
export interface BenchCase {
  readonly rows: number
  /** Whether rows carry a unique key that the job names as its correlation field. */
  readonly keyed: boolean
}

export interface BulkBenchOptions {
  readonly cases: readonly BenchCase[]
  readonly repeat: number
  /** Rows a second that one upstream job reaches at most; `null` for as fast as the simulator can. */
  readonly upstreamRate: number | null
  readonly save: boolean
  readonly keep: boolean
  readonly profileDirectory: string | null
}

/** The size at which other clients and unkeyed jobs are measured too. */
export const COMPARED_ROWS = 100_000

/** @throws UsageError */
export function readBulkBenchOptions(args: readonly string[]): BulkBenchOptions {
  const values = parse(args)
  const sizes = values.rows.split(',').map((text) => wholeNumber('--rows', text, 10_000_000))
  return {
    // Jobs without keys last: what their tying leaves in memory must not count as that of a larger job with keys.
    cases: sizes
      .flatMap((rows) => keyings(values.keys, rows).map((keyed) => ({ rows, keyed })))
      .toSorted((a, b) => Number(b.keyed) - Number(a.keyed)),
    repeat: wholeNumber('--repeat', values.repeat, 100),
    upstreamRate:
      values['upstream-rate'] === undefined
        ? null
        : wholeNumber('--upstream-rate', values['upstream-rate'], 100_000_000),
    save: values.save,
    keep: values.keep,
    profileDirectory: values.profile ?? null,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string', default: '10000,100000,1000000' },
        repeat: { type: 'string', default: '1' },
        keys: { type: 'string', default: 'default' },
        'upstream-rate': { type: 'string' },
        save: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

function keyings(choice: string, rows: number): readonly boolean[] {
  switch (choice) {
    case 'with':
      return [true]
    case 'without':
      return [false]
    case 'both':
      return [true, false]
    case 'default':
      return rows === COMPARED_ROWS ? [true, false] : [true]
    default:
      throw new UsageError(`--keys is "${choice}"; it takes with, without, both or default.`)
  }
}
