import { expect, test } from 'vitest'
import { redactText } from './redact-text.ts'

test.each([
  ['/v1/api-keys/cvy_live_abcDEF123', '/v1/api-keys/[redacted]'],
  ['client cvy_session_ab-cd-ef gh', 'client [redacted] gh'],
  ['curl Bearer abc.def', 'curl [redacted]'],
  ['x 00D5g0000012345!AQ0.a_b y', 'x [redacted] y'],
  ['/a/eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln/b', '/a/[redacted]/b'],
  ['/webhooks/outbound-messages/aB3_-x', '/webhooks/outbound-messages/[redacted]'],
  [
    'at /webhooks/outbound-messages/aB3?x=1 now',
    'at /webhooks/outbound-messages/[redacted]?x=1 now',
  ],
  ['/v1/bulk-jobs/bulk_job_account_insert_1', '/v1/bulk-jobs/bulk_job_account_insert_1'],
])('%s is logged as %s', (text, logged) => {
  expect(redactText(text)).toBe(logged)
})

test('what is long is cut', () => {
  expect(redactText('x'.repeat(1_000))).toHaveLength(300)
})
