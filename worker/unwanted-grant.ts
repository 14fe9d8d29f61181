import type { Logger } from '../activities/dependencies.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createSalesforceOauthTokenQueries, tokenContext } from '../db/salesforce-oauth-tokens.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { GrantedToken } from '../salesforce/token-answer.ts'
import type { TokenEndpoint } from '../salesforce/token-endpoint.ts'
import type { Sealing } from '../security/sealing.ts'

export interface UnwantedGrantOptions {
  readonly own: WorkspaceDatabase
  readonly sealing: Sealing
  readonly endpoint: Pick<TokenEndpoint, 'revoke'>
  readonly logger: Logger
}

/** How the connection stands for which a session was granted that was not stored. */
export interface Standing {
  readonly isActive: boolean
  /** The refresh token that it goes on with; null without one. */
  readonly refreshToken: string | null
  /** Whether a person has authorised it since the session was asked for. */
  readonly isReauthorized: boolean
}

/**
 * Gives a granted session back that was not stored, where that is safe: otherwise its tokens work on at Salesforce, and
 * nobody knows them. One call at most; a failure is only logged.
 * @param authorizedAt when a person had authorised the connection last as the session was asked for; undefined where
 * that is not known.
 */
export async function giveBackUnwanted(
  { own, sealing, endpoint, logger }: UnwantedGrantOptions,
  connectionId: string,
  granted: GrantedToken,
  authorizedAt?: Date | null,
): Promise<void> {
  try {
    const stored = await createSalesforceOauthTokenQueries(own).find(connectionId)
    const connection = await createConnectionQueries(own).get(connectionId)
    const sealed = stored?.refreshToken ?? null
    const token = tokenToGiveBack(granted, {
      isActive: stored?.isActive === true,
      refreshToken:
        sealed === null
          ? null
          : sealing.openSecret(tokenContext(connectionId, 'refresh_token'), sealed).toString(),
      isReauthorized:
        authorizedAt !== undefined &&
        connection?.authorizedAt?.getTime() !== authorizedAt?.getTime(),
    })
    if (token === null) return
    await endpoint.revoke(granted.session.instanceUrl, token)
    logger.info({ connectionId }, 'a granted session that nobody wants any more was given back')
  } catch (error) {
    logger.warn({ err: error, connectionId }, 'a granted session was neither stored nor given back')
  }
}

/**
 * A connection that was revoked needs no token. Beside a session that is in use an access token may be the same one,
 * and a refresh token may be one that Salesforce has replaced since, whose use it could take for a theft: only what a
 * person's authorisation has put out of use is certain to be of another family. Null where nothing may be given back.
 */
export function tokenToGiveBack(granted: GrantedToken, standing: Standing): string | null {
  const { refreshToken, session } = granted
  if (!standing.isActive) return refreshToken ?? session.accessToken
  return standing.isReauthorized && refreshToken !== standing.refreshToken ? refreshToken : null
}
