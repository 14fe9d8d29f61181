import type { Org } from '../http/org-context.ts'
import type { ClientApp } from './client-app.ts'
import { allowedScopes, parseScopes, type Scope } from './scopes.ts'

/** What an app asks a user for on the approval page. */
export interface AuthorizeRequest {
  readonly app: ClientApp
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  readonly state: string | null
  readonly codeChallenge: string | null
  readonly nonce: string | null
  /** The username that the page preselects. */
  readonly loginHint: string | null
}

/** An error of the authorize endpoint. */
export interface AuthorizeError {
  readonly error: string
  readonly description: string
}

/** What becomes of a call of the authorize endpoint. */
export type AuthorizeOutcome =
  | { readonly kind: 'ask'; readonly request: AuthorizeRequest }
  /** The app hears of its error. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** Nobody is sent to an address that the app did not register: the user sees the error. */
  | ({ readonly kind: 'refuse' } & AuthorizeError)

/** Checks the parameters of the authorize endpoint. */
export function checkAuthorizeRequest(org: Org, query: URLSearchParams): AuthorizeOutcome {
  const app = org.oauth.apps.get(query.get('client_id') ?? '')
  if (app === null) return refuse('invalid_client_id', 'client identifier invalid')
  const redirectUri = query.get('redirect_uri')
  if (redirectUri === null || redirectUri === '') {
    return refuse('redirect_uri_missing', 'redirect_uri not provided')
  }
  if (!app.redirectUris.includes(redirectUri)) {
    return refuse('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
  const codeChallenge = query.get('code_challenge')
  if (codeChallenge === null && app.requirePkce) {
    return refuse('invalid_request', 'missing required code challenge')
  }
  const state = query.get('state')
  const back = (error: string, description: string): AuthorizeOutcome => ({
    kind: 'redirect',
    location: redirectLocation(redirectUri, state, { error, error_description: description }),
  })
  if (query.get('response_type') !== 'code') {
    return back('unsupported_response_type', 'response type not supported')
  }
  if ((query.get('code_challenge_method') ?? 'S256') !== 'S256') {
    return back('invalid_request', 'code challenge method not supported')
  }
  // 43 characters are what a SHA-256 has in base64url.
  if (codeChallenge !== null && !/^[\w-]{43}$/.test(codeChallenge)) {
    return back('invalid_request', 'invalid code challenge')
  }
  const requested = parseScopes(query.get('scope') ?? '')
  const scopes = requested === null ? [] : allowedScopes(requested, app.scopes)
  if (scopes.length === 0) {
    return back('invalid_scope', 'the requested scope is invalid, unknown, or malformed')
  }
  if (query.get('immediate') === 'true' || query.get('prompt') === 'none') {
    // Nobody is ever logged in here beforehand.
    return back('immediate_unsuccessful', 'immediate unsuccessful')
  }
  const nonce = query.get('nonce')
  const loginHint = query.get('login_hint')
  return {
    kind: 'ask',
    request: { app, redirectUri, scopes, state, codeChallenge, nonce, loginHint },
  }
}

/** The app's address with the answer. */
export function redirectLocation(
  redirectUri: string,
  state: string | null,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
  if (state !== null) url.searchParams.set('state', state)
  return url.href
}

function refuse(error: string, description: string): AuthorizeOutcome {
  return { kind: 'refuse', error, description }
}
