import { expect, test } from 'vitest'
import { makeApiKey } from './api-key.ts'
import { redactKeys } from './redact-keys.ts'
import { makeSessionToken } from './session-token.ts'

test('nothing of a key or a token is left, and all else is', () => {
  const text = `/v1/api-keys/${makeApiKey('live')}/rotate and ${makeSessionToken()}.`
  expect(redactKeys(text)).toBe('/v1/api-keys/cvy_[redacted]/rotate and cvy_[redacted].')
  expect(redactKeys('/v1/bulk-jobs/bulk_job_1')).toBe('/v1/bulk-jobs/bulk_job_1')
})
