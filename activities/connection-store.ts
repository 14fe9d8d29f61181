import { createAuditLogQueries } from '../db/audit-log.ts'
import {
  createConnectionCredentialQueries,
  credentialContext,
} from '../db/connection-credentials.ts'
import type { Connection } from '../db/connection-row.ts'
import { createConnectionQueries } from '../db/connections.ts'
import { createOauthFlowQueries, type OauthFlow, oauthFlowContext } from '../db/oauth-flows.ts'
import type { CommonQueryMethods } from '../db/pool.ts'
import { createOauthAuditLogQueries } from '../db/salesforce-oauth-audit-log.ts'
import { createSalesforceOauthTokenQueries, tokenContext } from '../db/salesforce-oauth-tokens.ts'
import type { SessionUser } from '../salesforce/session-user.ts'
import type { GrantedToken } from '../salesforce/token-answer.ts'
import { signInOrigin } from '../security/sign-in-origin.ts'
import { ConnectionRefusedError } from './connection-outcome.ts'
import type { ActivityDependencies } from './dependencies.ts'

/** A refresh token that an authorisation has put out of use, and the host that it is ended at. */
export interface ReplacedToken {
  readonly token: string
  readonly loginUrl: string
}

/** Writes what an authorisation brought: connection, credentials, session and both logs, all of it or nothing. */
export function createConnectionStore(deps: ActivityDependencies) {
  const { sealing } = deps

  return {
    /**
     * @param newConnectionId of the connection, where the authorisation makes one.
     * @returns the token that it puts out of use; null without one.
     * @throws {ConnectionRefusedError} `organization_mismatch`
     */
    async complete(
      flow: OauthFlow,
      granted: GrantedToken,
      user: SessionUser,
      newConnectionId: string,
    ): Promise<ReplacedToken | null> {
      const { connectionId, replaced } = await deps.database.transaction(async (transaction) => {
        await createConnectionQueries(transaction).lock(flow.workspaceId)
        const connection = await connectionOf(transaction, flow, granted, newConnectionId)
        const tokens = createSalesforceOauthTokenQueries(transaction)
        const sealed = await tokens.holdRefreshToken(connection.connectionId)
        await requireNotRemoved(transaction, connection.connectionId)
        await write(transaction, flow, { granted, user }, connection)
        await createOauthFlowQueries(transaction).complete(flow.flowId, connection.connectionId)
        const loginUrl = connection.loginUrl ?? flow.loginUrl
        return {
          connectionId: connection.connectionId,
          replaced: sealed === null ? null : { sealed, loginUrl },
        }
      })
      deps.logger.info({ connectionId, flowId: flow.flowId }, 'a connection was authorised')
      return replaced === null ? null : openReplaced(connectionId, replaced, granted)
    },
  }

  /** Null also for one that Salesforce gave again, which is in use. */
  function openReplaced(
    connectionId: string,
    { sealed, loginUrl }: { readonly sealed: Buffer; readonly loginUrl: string },
    granted: GrantedToken,
  ): ReplacedToken | null {
    try {
      const context = tokenContext(connectionId, 'refresh_token')
      const token = sealing.openSecret(context, sealed).toString()
      return token === granted.refreshToken ? null : { token, loginUrl }
    } catch (error) {
      // Sealed with a key that is here no more: the authorisation holds all the same.
      deps.logger.warn({ err: error, connectionId }, 'a replaced token cannot be given back')
      return null
    }
  }

  async function write(
    transaction: CommonQueryMethods,
    flow: OauthFlow,
    { granted, user }: { readonly granted: GrantedToken; readonly user: SessionUser },
    connection: Connection,
  ): Promise<void> {
    const { connectionId } = connection
    const { workspaceId, userId } = flow
    const { session, refreshToken, salesforceUserId } = granted
    const seal = (context: string, text: string) => sealing.seal(context, Buffer.from(text))
    const secret =
      flow.clientSecret &&
      sealing
        .openSecret(oauthFlowContext(flow.flowId, 'client_secret'), flow.clientSecret)
        .toString()
    await createConnectionCredentialQueries(transaction).put(workspaceId, {
      ...{ connectionId, clientId: flow.clientId, username: null, privateKey: null },
      clientSecret:
        secret === null ? null : seal(credentialContext(connectionId, 'client_secret'), secret),
    })
    const granting = {
      instanceUrl: session.instanceUrl,
      organizationId: session.organizationId,
      scope: session.scope,
    }
    await createSalesforceOauthTokenQueries(transaction).put(
      { connectionId, workspaceId },
      {
        ...granting,
        accessToken: seal(tokenContext(connectionId, 'access_token'), session.accessToken),
        refreshToken:
          refreshToken === null
            ? null
            : seal(tokenContext(connectionId, 'refresh_token'), refreshToken),
        origin: signInOrigin(['web_server', flow.loginUrl, flow.clientId, connectionId]),
      },
      { ...user, userId, environment: flow.loginUrl },
    )
    const connections = createConnectionQueries(transaction)
    await connections.setGranted(connectionId, { ...granting, salesforceUserId })
    await connections.setAuthorized(connectionId, {
      loginUrl: flow.loginUrl,
      username: user.username,
    })
    if (flow.makeDefault || (await needsDefault(transaction, workspaceId))) {
      await connections.makeDefault(workspaceId, connectionId)
    }
    await createOauthAuditLogQueries(transaction).append({
      ...{ workspaceId, connectionId, userId, username: user.username },
      ...{ action: 'exchange', success: true, address: flow.address, userAgent: flow.userAgent },
      details: { organization_id: session.organizationId, scope: session.scope },
    })
    await createAuditLogQueries(transaction).append({
      workspaceId,
      actorKind: flow.startedBy === null ? 'local' : 'api_key',
      actorId: flow.startedBy,
      action: flow.connectionId === null ? 'connection.created' : 'connection.reauthorized',
      subject: connectionId,
      outcome: 'success',
      address: flow.address,
      requestId: null,
      details: { flow: 'web_server', organization_id: session.organizationId },
    })
  }

  /** The first connection that works becomes the default one. */
  async function needsDefault(
    transaction: CommonQueryMethods,
    workspaceId: string,
  ): Promise<boolean> {
    const current = await createConnectionQueries(transaction).findDefault(workspaceId)
    return current === null || (current.flow === 'environment' && !deps.oauth.hasEnvironmentLogin)
  }
}

/** Looked at again once its tokens are held: a removal takes those first, and would leave ours behind. */
async function requireNotRemoved(
  transaction: CommonQueryMethods,
  connectionId: string,
): Promise<void> {
  const now = await createConnectionQueries(transaction).get(connectionId)
  if (now === null || now.isDeleted) throw removed()
}

function removed(): ConnectionRefusedError {
  return new ConnectionRefusedError(
    'authorization_interrupted',
    'The connection was removed while it was being authorised.',
  )
}

/** The connection that the flow is for; the same user of the same org again is no new one. */
async function connectionOf(
  transaction: CommonQueryMethods,
  flow: OauthFlow,
  granted: GrantedToken,
  newConnectionId: string,
): Promise<Connection> {
  const connections = createConnectionQueries(transaction)
  const { instanceUrl, organizationId, scope } = granted.session
  const { userId, workspaceId } = flow
  if (flow.connectionId !== null) {
    const known = await connections.get(flow.connectionId)
    if (known === null || known.isDeleted) throw removed()
    if (known.organizationId !== null && known.organizationId !== organizationId) {
      throw new ConnectionRefusedError(
        'organization_mismatch',
        `The connection is to organization ${known.organizationId}, and a user of ${organizationId} authorised it. Log in to the right organization, or make a new connection for this one.`,
      )
    }
    return known
  }
  const same = await connections.findSame({
    ...{ instanceUrl, organizationId, scope, userId, flow: 'web_server' },
    salesforceUserId: granted.salesforceUserId,
  })
  if (same !== null) return same
  if (userId !== null) {
    // The caller's name goes to the connection that they authorised last.
    await connections.forgetUser(userId)
    await createSalesforceOauthTokenQueries(transaction).forgetUser(userId)
  }
  return connections.insert({
    ...{ connectionId: newConnectionId, workspaceId, name: flow.name, flow: 'web_server' },
    ...{ loginUrl: flow.loginUrl, userId, createdBy: flow.startedBy },
  })
}
