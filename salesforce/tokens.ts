import type { AnswerListener } from './api-answer.ts'
import type { SalesforceCredentials } from './credentials.ts'
import { createSessionFlight, type SessionSource } from './session-flight.ts'
import type { SalesforceSession } from './token-answer.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

export interface SessionSourceOptions {
  readonly credentials: SalesforceCredentials
  /** Longest silence of the token endpoint, in milliseconds. */
  readonly fetchTimeoutMs: number
  readonly onAnswer?: AnswerListener
  /**
   * Told of a rotated refresh token, before the session that came with it is given to anyone: the old one is
   * dead by then. Where it rejects, the next call tells again and asks for no further token.
   */
  readonly onRefreshToken?: (newRefreshToken: string) => Promise<void>
}

/**
 * Sessions that this process alone knows. Where several share a connection, and its org rotates refresh tokens, they
 * would log each other out (Salesforce Help, "OAuth 2.0 Refresh Token Flow"): those keep their session in the database.
 */
export function createSessionSource(options: SessionSourceOptions): SessionSource {
  const { credentials, onRefreshToken } = options
  const endpoint = createTokenEndpoint({
    timeoutMs: options.fetchTimeoutMs,
    ...(options.onAnswer ? { onAnswer: options.onAnswer } : {}),
  })
  let refreshToken = credentials.grant === 'refresh_token' ? credentials.refreshToken : null
  let untold: { readonly session: SalesforceSession; readonly refreshToken: string } | null = null

  return createSessionFlight(async () => {
    if (untold === null) {
      const granted = await endpoint.grant(
        credentials.grant === 'refresh_token' && refreshToken !== null
          ? { ...credentials, refreshToken }
          : credentials,
      )
      if (granted.refreshToken === null || granted.refreshToken === refreshToken) {
        return granted.session
      }
      refreshToken = granted.refreshToken
      untold = { session: granted.session, refreshToken: granted.refreshToken }
    }
    const pending = untold
    await onRefreshToken?.(pending.refreshToken)
    untold = null
    return pending.session
  })
}
