import type { SQLInputValue } from 'node:sqlite'

/** Values of one SQL statement: never part of its text. */
export interface Parameters {
  readonly values: Readonly<Record<string, SQLInputValue>>
  /** The name that stands for the value in the text. */
  add(value: SQLInputValue): string
}

export function createParameters(): Parameters {
  const values: Record<string, SQLInputValue> = {}
  let count = 0
  return {
    values,
    add(value) {
      count += 1
      values[`p${count}`] = value
      return `$p${count}`
    },
  }
}
