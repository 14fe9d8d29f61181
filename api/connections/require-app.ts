import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** Secrets are stored sealed or not at all. @throws {ApiError} `encryption_key_required` */
export function requireEncryption(deps: ApiDependencies): void {
  if (deps.sealing.keyId !== null) return
  const message =
    'Secrets and tokens are stored sealed only. Set SALESFORCE_TOKEN_ENCRYPTION_KEY for the API and the workers, and start them again.'
  throw new ApiError('encryption_key_required', message)
}

/** The app that a browser authorises. @throws {ApiError} `app_not_configured`, `redirect_uri_required` */
export function requireApp(
  deps: ApiDependencies,
  own: string | undefined,
): { readonly clientId: string; readonly redirectUri: string } {
  const { clientId, redirectUri } = deps.settings.salesforceApp
  const chosen = own ?? clientId
  if (chosen === null) {
    const message =
      'No app is set up to sign in with. Set SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET, or send client_id. See docs/salesforce/connect.md.'
    throw new ApiError('app_not_configured', message)
  }
  if (redirectUri === null) {
    const message =
      'Set SALESFORCE_REDIRECT_URI to the callback address that is entered in the app, such as https://conveyor.example.com/api/auth/salesforce/callback.'
    throw new ApiError('redirect_uri_required', message)
  }
  return { clientId: chosen, redirectUri }
}
