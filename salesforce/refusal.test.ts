import { expect, test } from 'vitest'
import { readApiRefusal } from './refusal.ts'
import { readTokenRefusal } from './token-refusal.ts'

const api = (status: number, errorCode: string, message = 'a message') =>
  readApiRefusal(status, JSON.stringify([{ errorCode, message, fields: ['A'] }]))

test.each([
  [401, 'INVALID_SESSION_ID', '', 'authentication'],
  [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', 'quota_daily'],
  [
    403,
    'REQUEST_LIMIT_EXCEEDED',
    'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    'quota_concurrent',
  ],
  [400, 'EXCEEDEDQUOTA', 'ApiBatchItems Limit exceeded.', 'quota_daily'],
  [
    400,
    'FEATURENOTENABLED',
    'hardDelete operation requires special user profile permission',
    'feature_not_enabled',
  ],
  [403, 'API_DISABLED_FOR_ORG', '', 'api_disabled'],
  [403, 'API_CURRENTLY_DISABLED', '', 'api_disabled'],
  [403, 'INSUFFICIENT_ACCESS_OR_READONLY', '', 'permission'],
  [400, 'INVALIDJOB', 'InvalidJob : No create/update access for object:X', 'permission'],
  [403, 'SOMETHING_NEW', '', 'permission'],
  [400, 'STORAGE_LIMIT_EXCEEDED', '', 'storage_exhausted'],
  [400, 'INVALIDJOBSTATE', 'Aborting already Completed Job not allowed', 'invalid_state'],
  [400, 'INVALIDJOB', 'Aborting already Completed Job not allowed', 'invalid_state'],
  [400, 'INVALIDJOB', 'Found multiple contents for job: <750x>', 'invalid_state'],
  [400, 'INVALIDJOB', 'InvalidJob : External ID was blank for upsert', 'invalid_request'],
  [400, 'INVALIDBATCH', 'InvalidBatch : Field name not found : F', 'invalid_request'],
  [409, 'SOMETHING_NEW', '', 'invalid_state'],
  [404, 'SOMETHING_NEW', '', 'not_found'],
  [405, 'METHOD_NOT_ALLOWED', '', 'invalid_request'],
  [404, 'NOT_FOUND', '', 'not_found'],
  [400, 'MALFORMED_QUERY', '', 'invalid_request'],
  [400, 'QUERY_TIMEOUT', '', 'unavailable'],
  [503, 'SERVER_UNAVAILABLE', '', 'unavailable'],
  [500, 'UNKNOWN_EXCEPTION', '', 'unavailable'],
  [502, 'SOMETHING_NEW', '', 'unavailable'],
  [429, 'SOMETHING_NEW', '', 'rate_limited'],
])('%i %s %s is %s', (status, code, message, kind) => {
  expect(api(status, code, message)).toMatchObject({ kind, errorCode: code, fields: ['A'] })
})

// A proxy's page must not pass for "the job is gone" or "the user may not".
test.each([
  [404, 'invalid_answer'],
  [403, 'invalid_answer'],
  [302, 'invalid_answer'],
  [401, 'authentication'],
  [420, 'rate_limited'],
  [503, 'unavailable'],
])('a page with status %i is %s', (status, kind) => {
  expect(readApiRefusal(status, '<html>Not here</html>')).toMatchObject({ kind, errorCode: null })
  expect(readApiRefusal(status, '')).toMatchObject({ kind, errorCode: null })
})

test.each([
  [400, 'invalid_grant', 'expired access/refresh token', 'authentication'],
  [400, 'invalid_grant', 'token request is already being processed', 'unavailable'],
  [400, 'invalid_grant', 'expired authorization code', 'unavailable'],
  [400, 'invalid_grant', 'login rate exceeded', 'rate_limited'],
  [400, 'rate_limit_exceeded', 'rate limit exceeded', 'rate_limited'],
  [400, 'invalid_client', 'invalid client credentials', 'authentication'],
  [400, 'inactive_org', 'organization is inactive', 'authentication'],
  [400, 'unknown_error', 'retry your request', 'unavailable'],
  [503, 'invalid_grant', 'whatever', 'unavailable'],
  [429, 'invalid_grant', 'whatever', 'rate_limited'],
])('token: %i %s "%s" is %s', (status, error, description, kind) => {
  const body = JSON.stringify({ error, error_description: description })
  expect(readTokenRefusal(status, body, 'https://login.example', true)).toEqual({
    kind,
    errorCode: error,
    message: description,
    fields: [],
  })
})

test('an expired code is no parallel refresh where a code was presented', () => {
  const body = '{"error":"invalid_grant","error_description":"expired authorization code"}'
  expect(readTokenRefusal(400, body, 'https://login.example', false).kind).toBe('authentication')
})

test.each([
  [404, '<html>'],
  [302, ''],
  [401, ''],
  [403, '<html>Access denied by policy</html>'],
  [403, '{"error":"Forbidden","error_description":"blocked by the gateway"}'],
  [400, '{"error":{"code":"invalid_grant"}}'],
  [400, '{"error":"invalid_grant"'],
])('token: %i %s is no word of OAuth, and passes', (status, body) => {
  const refusal = readTokenRefusal(status, body, 'https://login.example', true)
  expect(refusal).toMatchObject({ kind: 'unavailable', errorCode: null })
  expect(refusal.message).toContain('https://login.example')
})
