import { hash64 } from './text-hash.ts'

/**
 * The values of one column on both sides of a tie, as small numbers: equal text, equal number. Only 64-bit hashes are
 * kept, so 100,000 rows of ten columns take megabytes and not the text itself; two different values of such a column
 * meet with a chance under 1 in 10^9, and must then also stand in rows that are equal in all else to do harm.
 */
export interface HashColumn {
  readonly length: number
  push(text: string): void
  /** Interleaved: two lanes a value. */
  lanes(): Uint32Array
}

export function createHashColumn(): HashColumn {
  let lanes = new Uint32Array(2 * 64)
  let length = 0
  return {
    get length() {
      return length
    },
    push(text) {
      if (2 * length === lanes.length) {
        const grown = new Uint32Array(2 * lanes.length)
        grown.set(lanes)
        lanes = grown
      }
      hash64(text, lanes, 2 * length)
      length++
    },
    lanes() {
      return lanes.subarray(0, 2 * length)
    },
  }
}

export interface NumberedValues {
  readonly rows: Int32Array
  readonly lines: Int32Array
  /** Numbers run from 0 to here, this one excluded. */
  readonly count: number
}

/** Numbers the distinct values of both sides from 0 on, in order of first appearance. */
export function numberValues(rows: HashColumn, lines: HashColumn): NumberedValues {
  let size = 16
  while (size < 2 * (rows.length + lines.length)) size *= 2
  const slots = new Int32Array(size).fill(-1)
  const distinct = new Uint32Array(2 * (rows.length + lines.length))
  let count = 0

  const number = (lanes: Uint32Array): Int32Array => {
    const numbers = new Int32Array(lanes.length / 2)
    for (let index = 0; index < numbers.length; index++) {
      const low = lanes[2 * index] ?? 0
      const high = lanes[2 * index + 1] ?? 0
      let slot = (low ^ Math.imul(high, 0x9e3779b1)) & (size - 1)
      let found = slots[slot] ?? -1
      while (found >= 0 && (distinct[2 * found] !== low || distinct[2 * found + 1] !== high)) {
        slot = (slot + 1) & (size - 1)
        found = slots[slot] ?? -1
      }
      if (found < 0) {
        found = count++
        slots[slot] = found
        distinct[2 * found] = low
        distinct[2 * found + 1] = high
      }
      numbers[index] = found
    }
    return numbers
  }

  return { rows: number(rows.lanes()), lines: number(lines.lanes()), count }
}
