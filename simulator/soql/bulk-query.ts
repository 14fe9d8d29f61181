import type { QueryPlan, RecordsPlan, Shape } from './query-plan.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { Statement } from './statement.ts'

/** Refuses what Bulk API 2.0 does not run. Throws SoqlError. */
export function checkBulkStatement(statement: Statement): void {
  if (statement.offset !== null) throw unsupported('OFFSET is not supported in Bulk Query')
  if (statement.groupBy !== null) throw unsupported('GROUP BY is not supported in Bulk Query')
  for (const item of statement.select) {
    if (item.kind === 'children') {
      throw unsupported('Aggregate Relationships not supported in Bulk Query')
    }
    if (item.kind === 'typeof') throw unsupported('TYPEOF is not supported in Bulk Query')
  }
}

/** The plan as one of records without compound values. Throws SoqlError. */
export function bulkPlan(plan: QueryPlan, statement: Statement): RecordsPlan {
  if (plan.kind !== 'records') {
    throw unsupported('Aggregate functions are not supported in Bulk Query')
  }
  // `FIELDS(STANDARD)` stands for what can be selected.
  const expanded = statement.select.some((item) => item.kind === 'fields')
  if (!expanded && hasAddress(plan.shape)) {
    throw unsupported('Selecting compound data not supported in Bulk Query')
  }
  if (plan.cells.length === 0) throw malformed('Bulk Query needs at least one field')
  return plan
}

function hasAddress(shape: Shape): boolean {
  return shape.members.some(
    (member) => member.kind === 'address' || (member.kind === 'parent' && hasAddress(member.shape)),
  )
}

function unsupported(message: string): SoqlError {
  return new SoqlError('API_ERROR', message)
}
