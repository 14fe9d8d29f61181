/** Levels that the logger knows. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** Deployments of the earlier service write levels as Python's logging names them. */
export function resolveLogLevel(
  written: LogLevel | 'warning' | 'critical' | null,
  debug: boolean,
): LogLevel {
  switch (written) {
    case null:
      return debug ? 'debug' : 'info'
    case 'warning':
      return 'warn'
    case 'critical':
      return 'fatal'
    default:
      return written
  }
}
