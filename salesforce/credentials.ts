/** What a token is asked with. `loginUrl` is the origin that it is asked from. */
export type SalesforceCredentials =
  | {
      readonly grant: 'client_credentials'
      /** A My Domain host: the shared login hosts refuse this grant. */
      readonly loginUrl: string
      readonly clientId: string
      readonly clientSecret: string
    }
  | {
      readonly grant: 'refresh_token'
      readonly loginUrl: string
      readonly clientId: string
      /** Null for a public client. */
      readonly clientSecret: string | null
      readonly refreshToken: string
    }
  | {
      readonly grant: 'jwt_bearer'
      readonly loginUrl: string
      readonly clientId: string
      /** Whom the session acts for. */
      readonly username: string
      /** RSA, in PEM. */
      readonly privateKey: string
    }

/** The code that a browser brought back from Salesforce; it can be used once. */
export interface AuthorizationCode {
  readonly grant: 'authorization_code'
  readonly loginUrl: string
  readonly clientId: string
  /** Null for a public client. */
  readonly clientSecret: string | null
  readonly code: string
  readonly redirectUri: string
  readonly codeVerifier: string
}

export type TokenGrant = SalesforceCredentials | AuthorizationCode
