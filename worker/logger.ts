import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker'
import { type Logger, pino } from 'pino'

/** Structured lines on stdout. Secrets never reach a log call; the redaction is a second net. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: [
        '*.accessToken',
        '*.refreshToken',
        '*.clientSecret',
        '*.authorization',
        'headers.authorization',
        // Postgres quotes the row or the parameter that it refuses.
        'err.detail',
        'err.where',
        'err.values',
      ],
      censor: '[redacted]',
    },
  })
}

/** Temporal's logger on top of pino, whose order of arguments is the other way round. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
    const fields = meta ?? {}
    switch (level) {
      case 'TRACE':
        logger.trace(fields, message)
        return
      case 'DEBUG':
        logger.debug(fields, message)
        return
      case 'INFO':
        logger.info(fields, message)
        return
      case 'WARN':
        logger.warn(fields, message)
        return
      case 'ERROR':
        logger.error(fields, message)
        return
      default:
        unreachable(level)
    }
  })
}

function unreachable(level: never): never {
  throw new Error(`Unknown level ${String(level)}`)
}
