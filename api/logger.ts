import { type Logger, pino } from 'pino'

/** Structured lines on stdout. Secrets never reach a log call; the redaction is a second net. */
export function createLogger(level: string): Logger {
  return pino({
    name: 'api',
    level,
    redact: {
      paths: [
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
