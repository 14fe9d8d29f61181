import { expect, test } from 'vitest'
import { readApiUsage } from './api-answer.ts'
import { readRetryAfterMs } from './http-headers.ts'

test.each([
  ['api-usage=18/5000', { used: 18, limit: 5000 }],
  ['api-usage=1/2, api-bursts=3/4, per-app-api-usage=5/250(appName=x)', { used: 1, limit: 2 }],
  ['per-app-api-usage=5/250(appName=x),api-usage=1/2', { used: 1, limit: 2 }],
  ['per-app-api-usage=5/250(appName=x)', null],
  ['nonsense', null],
  [undefined, null],
])('Sforce-Limit-Info: %s', (header, usage) => {
  expect(readApiUsage({ 'sforce-limit-info': header })).toEqual(usage)
})

test.each([
  ['3', 3000],
  ['Wed, 25 Nov 2026 00:00:10 GMT', 10_000],
  ['Wed, 25 Nov 2026 00:00:00 GMT', 0],
  ['99999999', 86_400_000],
  ['soon', null],
  [undefined, null],
])('Retry-After: %s', (header, ms) => {
  const now = Date.parse('2026-11-25T00:00:00Z')
  expect(readRetryAfterMs({ 'retry-after': header }, now)).toBe(ms)
})
