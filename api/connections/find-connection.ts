import type { Connection } from '../../db/connection-row.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

const CONNECTION_ID = /^[\w-]{1,200}$/

/** The connection of that id. @throws {ApiError} `connection_not_found` */
export async function requireConnectionOfId(
  c: ApiContext,
  connectionId: string,
): Promise<Connection> {
  // What cannot be an id is not asked for: a NUL in it would be an error of the database.
  const found = CONNECTION_ID.test(connectionId)
    ? await createConnectionQueries(c.var.database).get(connectionId)
    : null
  if (found === null || found.isDeleted) {
    throw new ApiError('connection_not_found', 'There is no connection of this id.')
  }
  return found
}

/**
 * The connection that callers of the legacy routes mean: the one of that name, and otherwise the default one.
 * @throws {ApiError} `authentication_failed` where there is neither.
 */
export async function requireConnectionOfUser(
  c: ApiContext,
  userId: string | null,
): Promise<Connection> {
  const connections = createConnectionQueries(c.var.database)
  const mapped = userId === null ? null : await connections.findByUser(userId)
  const found = mapped ?? (await connections.findDefault(c.var.workspaceId))
  if (found === null) {
    const message =
      'No Salesforce connection is set up. Authorise one, then send the request again.'
    throw new ApiError('authentication_failed', message)
  }
  return found
}

/** What cannot be done to the connection whose credentials are variables. @throws {ApiError} */
export function refuseEnvironment(connection: Connection, instead: string): void {
  if (connection.flow !== 'environment') return
  const message = `The credentials of this connection are the SALESFORCE_ variables of the server. ${instead}`
  throw new ApiError('connection_of_environment', message)
}
