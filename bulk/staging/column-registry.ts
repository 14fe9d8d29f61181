import { inputIssue, UnreadableInputError } from './input-issue.ts'
import { MOST_COLUMNS } from './read-row.ts'

export interface ColumnRegistry {
  /**
   * The one array for these names. Salesforce reads names without regard to case, so each name keeps the
   * spelling in which it came first; a name twice in one row stays twice, for the row check to refuse.
   * @throws {UnreadableInputError} `too_many_columns`.
   */
  shape(names: readonly string[]): readonly string[]
  /** Every column so far, in order of first appearance. */
  columns(): readonly string[]
}

/** Rows without a fixed set of keys could otherwise have as many shapes as rows. */
const MOST_KEPT_SHAPES = 1_000

export function createColumnRegistry(): ColumnRegistry {
  const spellings = new Map<string, string>()
  const shapes = new Map<string, readonly string[]>()

  function spelling(name: string): string {
    const trimmed = name.trim()
    const key = trimmed.toLowerCase()
    const known = spellings.get(key)
    if (known !== undefined) return known
    if (spellings.size === MOST_COLUMNS) {
      const message = `The rows have more than ${MOST_COLUMNS} different fields.`
      throw new UnreadableInputError(inputIssue('too_many_columns', message))
    }
    spellings.set(key, trimmed)
    return trimmed
  }

  return {
    shape(names) {
      const key = names.join('\u0000')
      const known = shapes.get(key)
      if (known !== undefined) return known
      const shape = names.map(spelling)
      if (shapes.size < MOST_KEPT_SHAPES) shapes.set(key, shape)
      return shape
    },
    columns: () => [...spellings.values()],
  }
}
