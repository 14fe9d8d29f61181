/**
 * Whether Postgres refuses what is to be stored, however often it comes: data that it cannot hold, and constraints
 * (PostgreSQL, appendix A, classes 22 and 23). Not a day whose partition is missing: that has the code of a violated
 * check and names none, and passes once the partition is made.
 */
export function isRefusedValue(error: unknown): boolean {
  for (let depth = 0, at = error; depth < 5 && at instanceof Error; depth++, at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    const isNamed = 'constraint' in at && typeof at.constraint === 'string' && at.constraint !== ''
    if (code === '23514' ? isNamed : /^2[23]/.test(code)) return true
  }
  return false
}
