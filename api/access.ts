import type { Scope } from '../contracts/access.ts'

/** `public` needs no key, `any` a key of whatever scopes. */
export type Access = Scope | 'public' | 'any'

/**
 * What each route asks of its caller, by method and path. A route that is missing here lets the server refuse to
 * start: it cannot be forgotten.
 */
export const ROUTE_ACCESS: Readonly<Record<string, Access>> = {
  'GET /': 'public',
  'GET /healthz': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'public',
  'GET /docs': 'public',
  'GET /docs/reference.js': 'public',
  'GET /docs/reference.css': 'public',
  'GET /openapi.json': 'public',

  'POST /v1/bulk-jobs': 'bulk:write',
  'GET /v1/bulk-jobs': 'bulk:read',
  'GET /v1/bulk-jobs/:jobId': 'bulk:read',
  'GET /v1/bulk-jobs/:jobId/batches': 'bulk:read',
  'GET /v1/bulk-jobs/:jobId/loads': 'bulk:read',
  'GET /v1/bulk-jobs/:jobId/results': 'bulk:read',
  'POST /v1/bulk-jobs/:jobId/retry': 'bulk:write',
  'POST /v1/bulk-jobs/:jobId/pause': 'bulk:write',
  'POST /v1/bulk-jobs/:jobId/resume': 'bulk:write',
  'POST /v1/bulk-jobs/:jobId/cancel': 'bulk:write',
  'POST /v1/api-keys': 'admin:keys',
  'GET /v1/api-keys': 'admin:keys',
  'GET /v1/api-keys/:keyId': 'admin:keys',
  'POST /v1/api-keys/:keyId/rotate': 'admin:keys',
  'DELETE /v1/api-keys/:keyId': 'admin:keys',
  'POST /v1/session': 'any',
  'GET /v1/session': 'any',
  'DELETE /v1/session': 'any',
  'DELETE /v1/sessions': 'any',
  'POST /v1/codec/encode': 'admin:payloads',
  'POST /v1/codec/decode': 'admin:payloads',
  'GET /v1/audit-log': 'admin:audit',
  'GET /v1/connections': 'connections:read',
  'POST /v1/connections': 'connections:write',
  'POST /v1/connections/authorize': 'connections:write',
  'GET /v1/connections/:connectionId': 'connections:read',
  'DELETE /v1/connections/:connectionId': 'connections:write',
  'POST /v1/connections/:connectionId/reauthorize': 'connections:write',
  'POST /v1/connections/:connectionId/test': 'connections:write',
  'POST /v1/connections/:connectionId/default': 'connections:write',

  'GET /api/auth/salesforce/authorize': 'connections:write',
  'POST /api/auth/salesforce/callback': 'connections:write',
  // A browser comes here from Salesforce, with a state that counts once.
  'GET /api/auth/salesforce/callback': 'public',
  // The page that it is shown there, with a token that counts once.
  'POST /api/auth/salesforce/callback/confirm': 'public',
  'POST /api/auth/salesforce/refresh': 'connections:write',
  'POST /api/auth/salesforce/revoke': 'connections:write',
  'GET /api/auth/salesforce/health': 'connections:read',
  'GET /api/oauth/salesforce/url': 'connections:write',

  'POST /api/salesforce/bulk/create-job': 'bulk:write',
  'GET /api/salesforce/bulk/jobs': 'bulk:read',
  'GET /api/salesforce/bulk/jobs/:jobId': 'bulk:read',
}
