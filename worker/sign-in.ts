import type { Config } from '../config/environment.ts'
import {
  type ConnectionCredentials,
  createConnectionCredentialQueries,
  credentialContext,
} from '../db/connection-credentials.ts'
import type { Connection } from '../db/connection-row.ts'
import { createConnectionQueries } from '../db/connections.ts'
import type { WorkspaceDatabase } from '../db/workspace-database.ts'
import type { SalesforceCredentials } from '../salesforce/credentials.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import type { TokenOwner } from '../salesforce/token-endpoint.ts'
import type { Sealing } from '../security/sealing.ts'
import { signInOrigin } from '../security/sign-in-origin.ts'

/** How a connection gets its next session. */
export interface SignIn {
  /** SHA-256 of what it signs in with: a stored session of another origin counts for nothing. */
  readonly origin: string
  readonly owner: TokenOwner
  /** When a person authorised the connection last; null where nobody has to. */
  readonly authorizedAt: Date | null
  /**
   * What the next session is asked with.
   * @param stored the refresh token that was stored last under this origin; null where there is none.
   * @throws SalesforceError `authentication` where a person has to authorise the connection first.
   */
  grant(stored: string | null): SalesforceCredentials
}

/** Reads, anew at each call, how a connection signs in. @throws SalesforceError `authentication` */
export function createSignInReader(
  config: Config['salesforce'],
  sealing: Sealing,
  own: WorkspaceDatabase,
): (connectionId: string) => Promise<SignIn> {
  return async (connectionId) => {
    const connection = await requireUsableConnection(own, connectionId)
    if (connection.flow === 'environment') {
      return { ...environmentSignIn(config), authorizedAt: connection.authorizedAt }
    }
    const credentials = await createConnectionCredentialQueries(own).find(connectionId)
    if (credentials === null) {
      throw refusal('The connection has no credentials. Authorise it again.')
    }
    return storedSignIn(connection, credentials, config, sealing)
  }
}

/** @throws SalesforceError `authentication` where the connection was revoked or removed. */
export async function requireUsableConnection(
  own: WorkspaceDatabase,
  connectionId: string,
): Promise<Connection> {
  const connection = await createConnectionQueries(own).get(connectionId)
  if (connection === null || connection.isDeleted) {
    throw refusal(`The connection ${connectionId} does not exist any more.`)
  }
  if (connection.status === 'revoked') {
    throw refusal('The connection was revoked. Authorise it again.')
  }
  return connection
}

/** Credentials of the `SALESFORCE_` variables. @throws SalesforceError `authentication` where they hold none. */
export function environmentCredentials(config: Config['salesforce']): SalesforceCredentials {
  const { clientId, clientSecret, refreshToken, redirectUri, loginUrl } = config
  if (clientId !== null && refreshToken !== null) {
    return { grant: 'refresh_token', loginUrl, clientId, clientSecret, refreshToken }
  }
  // With a redirect address the id and the secret belong to the flow that a browser takes part in.
  if (clientId !== null && clientSecret !== null && redirectUri === null) {
    return { grant: 'client_credentials', loginUrl, clientId, clientSecret }
  }
  throw refusal(
    clientId === null
      ? 'The connection has no credentials. Set SALESFORCE_CLIENT_ID with SALESFORCE_CLIENT_SECRET or SALESFORCE_REFRESH_TOKEN.'
      : 'The connection has no credentials. Authorise a connection, or set SALESFORCE_REFRESH_TOKEN.',
  )
}

function environmentSignIn(config: Config['salesforce']): Omit<SignIn, 'authorizedAt'> {
  const credentials = environmentCredentials(config)
  const { loginUrl, clientId } = credentials
  const configured =
    credentials.grant === 'refresh_token' ? credentials.refreshToken : config.clientSecret
  return {
    origin: signInOrigin([credentials.grant, loginUrl, clientId, configured ?? '']),
    owner: { loginUrl, clientId, clientSecret: config.clientSecret },
    grant: (stored) =>
      credentials.grant === 'refresh_token'
        ? { ...credentials, refreshToken: stored ?? credentials.refreshToken }
        : credentials,
  }
}

function storedSignIn(
  connection: Connection,
  credentials: ConnectionCredentials,
  config: Config['salesforce'],
  sealing: Sealing,
): SignIn {
  const { connectionId, flow } = connection
  const { clientId } = credentials
  const loginUrl = connection.loginUrl ?? config.loginUrl
  const open = (column: 'client_secret' | 'private_key', sealed: Buffer) =>
    sealing.openSecret(credentialContext(connectionId, column), sealed).toString()
  const clientSecret =
    credentials.clientSecret === null
      ? clientId === config.clientId
        ? config.clientSecret
        : null
      : open('client_secret', credentials.clientSecret)
  return {
    origin: signInOrigin([flow, loginUrl, clientId, connectionId]),
    owner: { loginUrl, clientId, clientSecret },
    authorizedAt: connection.authorizedAt,
    grant(stored) {
      switch (flow) {
        case 'web_server':
          if (stored === null) throw refusal('The connection holds no token. Authorise it again.')
          return { grant: 'refresh_token', loginUrl, clientId, clientSecret, refreshToken: stored }
        case 'client_credentials':
          if (clientSecret === null) throw refusal('The connection has no client secret.')
          return { grant: 'client_credentials', loginUrl, clientId, clientSecret }
        case 'jwt_bearer': {
          const { username, privateKey } = credentials
          if (username === null || privateKey === null) {
            throw refusal('The connection has no key to sign with.')
          }
          const pem = open('private_key', privateKey)
          return { grant: 'jwt_bearer', loginUrl, clientId, username, privateKey: pem }
        }
        case 'environment':
          throw new Error('The environment has its own credentials.')
        default:
          return unreachable(flow)
      }
    },
  }
}

function refusal(message: string): SalesforceError {
  return new SalesforceError({ kind: 'authentication', message })
}

function unreachable(flow: never): never {
  throw new Error(`Unknown flow ${String(flow)}`)
}
