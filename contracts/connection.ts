/** How a connection signs in. `environment`: by the SALESFORCE_ variables, whatever they hold. */
export const CONNECTION_FLOWS = [
  'environment',
  'web_server',
  'jwt_bearer',
  'client_credentials',
] as const
export type ConnectionFlow = (typeof CONNECTION_FLOWS)[number]

/**
 * `connected`: nothing is known to be wrong. `reauthorization_required`: Salesforce refuses its credentials, and its
 * jobs wait. `revoked`: its tokens were given back.
 */
export const CONNECTION_STATUSES = ['connected', 'reauthorization_required', 'revoked'] as const
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number]

/** What is asked of Salesforce about a connection. `create` is the first test of a new one. */
export type ConnectionOperationKind = 'create' | 'test' | 'refresh' | 'revoke'

/** Why an authorisation or an operation did not succeed. Codes are stable: callers get them. */
export const CONNECTION_FAILURES = [
  'authorization_denied',
  'authorization_interrupted',
  'app_refused',
  'code_refused',
  'credentials_refused',
  'scope_missing',
  'organization_mismatch',
  'api_access_missing',
  'salesforce_unavailable',
  'connection_internal_error',
] as const
export type ConnectionFailure = (typeof CONNECTION_FAILURES)[number]

/** Input of the `exchangeAuthorizationCode` workflow; the code itself is sealed in the flow's row. */
export interface ExchangeAuthorizationCodeInput {
  readonly workspaceId: string
  readonly flowId: string
}

/** Input of the `testConnection` and `revokeConnection` workflows; the outcome lands in the operation's row. */
export interface ConnectionOperationInput {
  readonly workspaceId: string
  readonly connectionId: string
  readonly operationId: string
}
