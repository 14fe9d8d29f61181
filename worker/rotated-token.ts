import { createHash } from 'node:crypto'
import type { Logger } from '../activities/dependencies.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { Sealing } from '../security/sealing.ts'

/** Where a refresh token that Salesforce rotated is kept, so that a restart does not present a dead one. */
export interface RotatedToken {
  /** The newest token that descends from the configured one; the configured one itself before any rotation. */
  current(): Promise<string>
  save(token: string): Promise<void>
}

export function createRotatedToken(options: {
  readonly database: WorkspaceDatabase
  /** Null without an encryption key: secrets are never stored in clear. */
  readonly sealing: Sealing | null
  readonly connectionId: string
  readonly configured: string
  readonly logger: Logger
}): RotatedToken {
  const { database, sealing, connectionId, configured, logger } = options
  const connections = createConnectionQueries(database)
  const origin = createHash('sha256').update(configured).digest('hex')
  const context = `connections/${connectionId}/refresh_token`

  return {
    async current() {
      const sealed = sealing && (await connections.findRefreshToken(connectionId, origin))
      return sealing && sealed ? sealing.open(context, sealed).toString() : configured
    },
    async save(token) {
      if (sealing === null) {
        logger.error(
          { connectionId },
          'Salesforce rotated the refresh token and SALESFORCE_TOKEN_ENCRYPTION_KEY is not set: it is lost at the next restart',
        )
        return
      }
      const sealed = sealing.seal(context, Buffer.from(token))
      await connections.setRefreshToken(connectionId, origin, sealed)
    },
  }
}
