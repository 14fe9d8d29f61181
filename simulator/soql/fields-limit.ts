import { malformed } from './soql-error.ts'
import type { Condition, Statement } from './statement.ts'

const MOST = 200

/** `FIELDS(ALL)` and `FIELDS(CUSTOM)` are for few records: by LIMIT, or by their ids. */
export function fieldsLimit(statement: Statement): void {
  const open = statement.select.find((item) => item.kind === 'fields' && item.group !== 'STANDARD')
  if (open === undefined) return
  if (statement.limit !== null && statement.limit <= MOST) return
  const ids = statement.where === null ? null : idCount(statement.where)
  if (ids !== null && ids <= MOST) return
  throw malformed(`The SOQL FIELDS function must have a LIMIT of at most ${MOST}`, open.at)
}

/** How many records a condition on ids alone can find at most; `null` for any other condition. */
function idCount(condition: Condition): number | null {
  switch (condition.kind) {
    case 'compare':
      return condition.operator === '=' && isId(condition) ? 1 : null
    case 'in':
      return !condition.negated && isId(condition) ? condition.values.length : null
    case 'or': {
      const counts = condition.parts.map(idCount)
      return counts.some((count) => count === null)
        ? null
        : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
    }
    case 'and': {
      const counts = condition.parts.flatMap((part) => idCount(part) ?? [])
      return counts.length === 0 ? null : Math.min(...counts)
    }
    case 'not':
    case 'like':
    case 'includes':
    case 'semijoin':
      return null
  }
}

function isId(condition: Extract<Condition, { kind: 'compare' | 'in' }>): boolean {
  return condition.left.kind === 'field' && condition.left.path.toLowerCase() === 'id'
}
