import type { FaultRequest } from './fault.ts'

/** What is wrong with a fault beyond its schema: a pattern that is none; `null` for nothing. */
export function faultProblem(fault: FaultRequest): string | null {
  const patterns = [fault.match.path]
  if (fault.action.type === 'row_error' && 'pattern' in fault.action.rows) {
    patterns.push(fault.action.rows.pattern)
  }
  const wrong = patterns.find((pattern) => pattern !== undefined && !isPattern(pattern))
  return wrong === undefined ? null : `not a regular expression: ${wrong}`
}

export function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
