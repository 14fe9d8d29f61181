/** SQLSTATE classes that say "not now": connection, resources, shutdown (PostgreSQL, appendix A). */
const NOT_NOW = /^(?:08|53|57P0)/
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
])
/** What slonik throws where there is no connection to be had, or it broke. */
const CONNECTION_ERRORS = new Set([
  'ConnectionError',
  'BackendTerminatedError',
  'BackendTerminatedUnexpectedlyError',
  'IdleTransactionTimeoutError',
])

/** Whether the error, or what caused it, says that the database is away for now. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let depth = 0, at = error; depth < 5 && at instanceof Error; depth++, at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    if (NOT_NOW.test(code) || NETWORK.has(code) || CONNECTION_ERRORS.has(at.name)) return true
    if (CONNECTION_ERRORS.has(at.constructor.name)) return true
  }
  return false
}
