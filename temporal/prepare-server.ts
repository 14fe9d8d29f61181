import type { TemporalConnection } from './connect.ts'
import { ensureNamespaceRetention } from './namespace.ts'
import { ensureRetentionSchedule } from './retention-schedule.ts'
import { ensureSearchAttributes } from './search-attributes.ts'

/**
 * Makes a server fit for this installation: retention of the namespace, search attributes, the daily
 * Schedule. At boot, and again when the server has lost its store.
 * Returns whether jobs can be started with search attributes; rejects when the server does not answer.
 */
export async function prepareServer(
  temporal: TemporalConnection,
  installationId: string,
  logger: { warn(fields: object, message: string): void },
): Promise<{ readonly searchAttributes: boolean }> {
  await ensureNamespaceRetention(temporal).catch((error: unknown) => {
    logger.warn(
      { err: error },
      'the namespace keeps its retention: it may not be changed from here',
    )
  })
  const missing = await ensureSearchAttributes(temporal).catch((error: unknown) => String(error))
  if (missing !== null) logger.warn({ missing }, 'running without search attributes')
  await ensureRetentionSchedule(temporal, installationId)
  return { searchAttributes: missing === null }
}
