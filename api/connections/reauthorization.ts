import {
  createConnectionCredentialQueries,
  credentialContext,
} from '../../db/connection-credentials.ts'
import type { Connection } from '../../db/connection-row.ts'
import type { ApiContext, ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { type Authorization, beginAuthorization } from './authorization.ts'

/**
 * Begins the web-server flow for a connection that is there, with the app that it was authorised with.
 * @throws {ApiError} `connection_of_environment`, `connection_without_browser`, and what a first authorisation throws.
 */
export async function beginReauthorization(
  deps: ApiDependencies,
  c: ApiContext,
  connection: Connection,
): Promise<Authorization> {
  requireBrowserFlow(connection)
  const { connectionId } = connection
  const credentials = await createConnectionCredentialQueries(c.var.database).find(connectionId)
  const sealed = credentials?.clientSecret ?? null
  return beginAuthorization(deps, c, {
    connectionId,
    name: connection.name,
    userId: connection.userId,
    makeDefault: connection.isDefault,
    loginUrl: connection.loginUrl ?? deps.settings.salesforceApp.loginUrl,
    username: connection.username,
    clientId: credentials?.clientId,
    clientSecret:
      sealed === null
        ? undefined
        : deps.sealing
            .openSecret(credentialContext(connectionId, 'client_secret'), sealed)
            .toString(),
  })
}

function requireBrowserFlow({ flow }: Connection): void {
  switch (flow) {
    case 'web_server':
      return
    case 'environment':
      throw new ApiError(
        'connection_of_environment',
        'The credentials of this connection are the SALESFORCE_ variables of the server. Change them and start it again, or authorise a new connection and make it the default.',
      )
    case 'jwt_bearer':
    case 'client_credentials':
      throw new ApiError(
        'connection_without_browser',
        'This connection signs in by itself. Mend the app in Salesforce and test the connection, or make a new one with other credentials.',
      )
    default:
      unreachable(flow)
  }
}

function unreachable(flow: never): never {
  throw new Error(`Unknown flow ${String(flow)}`)
}
