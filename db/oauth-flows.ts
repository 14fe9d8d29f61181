import { type CommonQueryMethods, sql } from 'slonik'
import type { ConnectionFailure } from '../contracts/connection.ts'
import { row } from './row-type.ts'

export type OauthFlowState =
  | 'pending'
  | 'confirming'
  | 'received'
  | 'exchanging'
  | 'completed'
  | 'failed'

/** A row of `oauth_flows`: an authorisation that a browser takes part in. */
export interface OauthFlow {
  readonly flowId: string
  readonly workspaceId: string
  /** Null where a connection is to be made; the one that was made once it is completed. */
  readonly connectionId: string | null
  readonly name: string
  readonly userId: string | null
  readonly makeDefault: boolean
  readonly loginUrl: string
  readonly redirectUri: string
  readonly clientId: string
  /** Sealed, all three; null once the flow has ended, or its time is over. */
  readonly clientSecret: Buffer | null
  readonly codeVerifier: Buffer | null
  readonly code: Buffer | null
  readonly state: OauthFlowState
  /** SHA-256 of the cookie of the browser that began it; null where a program did. */
  readonly browserHash: Buffer | null
  readonly createdAt: Date
  readonly errorCode: ConnectionFailure | null
  readonly errorMessage: string | null
  readonly startedBy: string | null
  readonly address: string | null
  readonly userAgent: string | null
}

interface OauthFlowRow {
  flow_id: string
  workspace_id: string
  connection_id: string | null
  name: string
  user_id: string | null
  make_default: boolean
  login_url: string
  redirect_uri: string
  client_id: string
  client_secret: Buffer | null
  code_verifier: Buffer | null
  code: Buffer | null
  state: OauthFlowState
  browser_hash: Buffer | null
  created_at: Date
  error_code: ConnectionFailure | null
  error_message: string | null
  started_by: string | null
  address: string | null
  user_agent: string | null
}

const toOauthFlow = (r: OauthFlowRow): OauthFlow => ({
  flowId: r.flow_id,
  workspaceId: r.workspace_id,
  connectionId: r.connection_id,
  name: r.name,
  userId: r.user_id,
  makeDefault: r.make_default,
  loginUrl: r.login_url,
  redirectUri: r.redirect_uri,
  clientId: r.client_id,
  clientSecret: r.client_secret,
  codeVerifier: r.code_verifier,
  code: r.code,
  state: r.state,
  browserHash: r.browser_hash,
  createdAt: r.created_at,
  errorCode: r.error_code,
  errorMessage: r.error_message,
  startedBy: r.started_by,
  address: r.address,
  userAgent: r.user_agent,
})

const columns = sql.fragment`
  flow_id, workspace_id, connection_id, name, user_id, make_default, login_url, redirect_uri, client_id,
  client_secret, code_verifier, code, state, browser_hash, created_at, error_code, error_message, started_by, address,
  user_agent`

/** Where a sealed part lives, for `security/sealing.ts`. */
export function oauthFlowContext(
  flowId: string,
  column: 'client_secret' | 'code_verifier' | 'code',
): string {
  return `oauth_flows/${flowId}/${column}`
}

export type NewOauthFlow = Omit<
  OauthFlow,
  'code' | 'state' | 'createdAt' | 'errorCode' | 'errorMessage' | 'codeVerifier'
> & {
  readonly stateHash: Buffer
  readonly codeVerifier: Buffer
  readonly lifeSeconds: number
}

export function createOauthFlowQueries(connection: CommonQueryMethods) {
  return {
    async insert(flow: NewOauthFlow): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into oauth_flows (flow_id, workspace_id, state_hash, connection_id, name, user_id, make_default,
          login_url, redirect_uri, client_id, client_secret, code_verifier, started_by, address, user_agent,
          browser_hash, expires_at)
        values (${flow.flowId}, ${flow.workspaceId}, ${sql.binary(flow.stateHash)}, ${flow.connectionId},
          ${flow.name}, ${flow.userId}, ${flow.makeDefault}, ${flow.loginUrl}, ${flow.redirectUri},
          ${flow.clientId}, ${flow.clientSecret === null ? null : sql.binary(flow.clientSecret)},
          ${sql.binary(flow.codeVerifier)}, ${flow.startedBy}, ${flow.address}, ${flow.userAgent},
          ${flow.browserHash === null ? null : sql.binary(flow.browserHash)},
          now() + ${flow.lifeSeconds} * interval '1 second')`)
    },

    async find(flowId: string): Promise<OauthFlow | null> {
      const found = await connection.maybeOne(sql.type(row<OauthFlowRow>())`
        select ${columns} from oauth_flows where flow_id = ${flowId}`)
      return found ? toOauthFlow(found) : null
    },

    /** The flow of a state that still counts. `held`: nobody else changes it until the transaction ends. */
    async findByState(stateHash: Buffer, use: 'look' | 'held' = 'look'): Promise<OauthFlow | null> {
      const found = await connection.maybeOne(sql.type(row<OauthFlowRow>())`
        select ${columns} from oauth_flows
        where state_hash = ${sql.binary(stateHash)} and state in ('pending', 'confirming')
          and expires_at > now()
        ${use === 'held' ? sql.fragment`for update` : sql.fragment``}`)
      return found ? toOauthFlow(found) : null
    },

    /** Flows that wait for their browser: bounds what one workspace can pile up. */
    async countPending(): Promise<number> {
      return connection.oneFirst(sql.type(row<{ flows: number }>())`
        select count(*) as flows from oauth_flows where state in ('pending', 'confirming') and expires_at > now()`)
    },

    /**
     * Keeps the code that came until its user has confirmed: the state is used up, its time goes on. A token that was
     * given before counts no more.
     */
    async beginConfirmation(flowId: string, code: Buffer, confirmationHash: Buffer): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update oauth_flows
        set state = 'confirming', code = ${sql.binary(code)},
          confirmation_hash = ${sql.binary(confirmationHash)}
        where flow_id = ${flowId}`)
    },

    /** As `claim`, by the token that the user was given. The code is there. */
    async claimConfirmed(confirmationHash: Buffer, keepSeconds: number): Promise<OauthFlow | null> {
      const claimed = await connection.maybeOne(sql.type(row<OauthFlowRow>())`
        update oauth_flows
        set state = 'received', expires_at = now() + ${keepSeconds} * interval '1 second'
        where confirmation_hash = ${sql.binary(confirmationHash)} and state = 'confirming'
          and expires_at > now()
        returning ${columns}`)
      return claimed ? toOauthFlow(claimed) : null
    },

    /**
     * Uses the state up: it counts once, in time, and for this workspace alone.
     * Null for a state that is none, was used, or has run out.
     */
    async claim(stateHash: Buffer): Promise<OauthFlow | null> {
      const claimed = await connection.maybeOne(sql.type(row<OauthFlowRow>())`
        update oauth_flows set state = 'received'
        where state_hash = ${sql.binary(stateHash)} and state = 'pending' and expires_at > now()
        returning ${columns}`)
      return claimed ? toOauthFlow(claimed) : null
    },

    /** The code that came with the state. The flow now has to be completed before it is swept. */
    async setCode(flowId: string, code: Buffer, keepSeconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update oauth_flows
        set code = ${sql.binary(code)}, expires_at = now() + ${keepSeconds} * interval '1 second'
        where flow_id = ${flowId}`)
    },

    /**
     * The exchange could not be started: the browser may come back with the same state, or the same confirmation,
     * within the flow's first life. False where the exchange goes on all the same.
     */
    async unclaim(flowId: string, lifeSeconds: number): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update oauth_flows
        set state = case when confirmation_hash is null then 'pending' else 'confirming' end,
          code = case when confirmation_hash is null then null else code end,
          expires_at = created_at + ${lifeSeconds} * interval '1 second'
        where flow_id = ${flowId} and state = 'received'`)
      return result.rowCount === 1
    },

    /** Announces that the code is used now, since it can be used once. False where it was before. */
    async beginExchange(flowId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update oauth_flows set state = 'exchanging' where flow_id = ${flowId} and state = 'received'`)
      return result.rowCount === 1
    },

    /** The call certainly did not leave: the code is as good as before. */
    async undoExchange(flowId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update oauth_flows set state = 'received' where flow_id = ${flowId} and state = 'exchanging'`)
    },

    /** Nothing secret is left in it; the outcome stays for who waits. */
    async complete(flowId: string, connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update oauth_flows
        set state = 'completed', connection_id = ${connectionId}, completed_at = now(),
          client_secret = null, code_verifier = null, code = null
        where flow_id = ${flowId}`)
    },

    /** False where it has ended already. */
    async fail(flowId: string, code: ConnectionFailure, message: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        update oauth_flows
        set state = 'failed', error_code = ${code}, error_message = ${message}, completed_at = now(),
          client_secret = null, code_verifier = null, code = null
        where flow_id = ${flowId} and state not in ('completed', 'failed')`)
      return result.rowCount === 1
    },

    /** Clears the secrets of flows whose time is over, and says of how many. Run as the system. */
    async clearExpired(limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        update oauth_flows set client_secret = null, code_verifier = null, code = null
        where flow_id in (
          select flow_id from oauth_flows
          where expires_at < now() and code_verifier is not null limit ${limit} for update skip locked)`)
      return result.rowCount
    },

    /** Whose flow a state is of; null for one that is none. Run as the system. */
    async workspaceOfState(stateHash: Buffer): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ workspace_id: string }>())`
        select workspace_id from oauth_flows where state_hash = ${sql.binary(stateHash)}`)
    },

    /** As `workspaceOfState`, of a confirmation. */
    async workspaceOfConfirmation(confirmationHash: Buffer): Promise<string | null> {
      return connection.maybeOneFirst(sql.type(row<{ workspace_id: string }>())`
        select workspace_id from oauth_flows where confirmation_hash = ${sql.binary(confirmationHash)}`)
    },

    /** Run as the system. */
    async deleteExpired(limit: number): Promise<number> {
      const result = await connection.query(sql.type(row<never>())`
        delete from oauth_flows where flow_id in (
          select flow_id from oauth_flows where expires_at < now() - interval '1 day' limit ${limit})`)
      return result.rowCount
    },
  }
}
