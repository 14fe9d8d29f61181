import { expect, test } from 'vitest'
import type { NotificationItem } from '../../db/notification-items.ts'
import { noticeLine } from './notice-line.ts'

function textOf(facts: Partial<NotificationItem>): string {
  const { severity, title, text } = noticeLine({
    ...{ itemId: 1, eventId: 'evt_1', eventType: 'Account.updated', objectType: 'Account' },
    ...{ objectId: '001', severity: 0, facts: {}, occurredAt: new Date(0) },
    ...facts,
  })
  return `${severity} ${title} | ${text}`
}

test('a change of a record: which, and which fields', () => {
  expect(textOf({ eventType: 'Account.created' })).toBe('info Account created | 001')
  const two = { changed_fields: ['Name', 'Phone'], changed_count: 2 }
  expect(textOf({ facts: two })).toBe('info Account updated | 001: Name, Phone')
  expect(textOf({ facts: { ...two, changed_count: 9 } })).toBe(
    'info Account updated | 001: Name, Phone and 7 more fields',
  )
})

test('a job: what, how many, why', () => {
  const facts = { operation: 'upsert', object: 'Lead' }
  const counts = { total: 1_200, success: 1_190, failed: 10, unprocessed: 0, unknown: 0 }
  const job = { severity: 1, objectType: 'bulk_job', objectId: 'job_1' }
  expect(
    textOf({ ...job, eventType: 'bulk_job.completed_with_errors', facts: { ...facts, counts } }),
  ).toBe(
    'warning Bulk job completed with errors | upsert Lead, 1,200 rows: 1,190 succeeded, 10 failed (job_1)',
  )
  const blocked = { ...facts, reason: 'quota_exhausted', counts: { total: 5 } }
  expect(textOf({ ...job, eventType: 'bulk_job.blocked', facts: blocked })).toBe(
    'warning Bulk job blocked | upsert Lead, 5 rows: quota exhausted (job_1)',
  )
})

test('an endpoint and a channel: which, and why', () => {
  const endpoint = { severity: 2, eventType: 'endpoint.disabled', objectId: 'sub_1' }
  expect(textOf({ ...endpoint, facts: { host: 'example.com', reason: 'gone' } })).toBe(
    'error Endpoint disabled | example.com: gone',
  )
  expect(textOf(endpoint)).toBe('error Endpoint disabled | sub_1')
  expect(textOf({ ...endpoint, facts: { last_error: 'http_status', last_status: 503 } })).toBe(
    'error Endpoint disabled | sub_1: http_status 503',
  )
  expect(
    textOf({
      ...{ severity: 2, eventType: 'channel.disabled', objectId: 'channel_1' },
      facts: { name: 'Sales', kind: 'slack', reason: 'Slack refuses it: 404 no_service' },
    }),
  ).toBe('error Channel disabled | Sales (slack): Slack refuses it: 404 no_service')
})

test('metadata: of what, and what became different', () => {
  expect(
    textOf({
      ...{ severity: 1, eventType: 'metadata.field_type_changed', objectId: 'Account' },
      facts: { name: 'Account.Size__c', object: 'Account', reason: 'string → double' },
    }),
  ).toBe('warning Metadata field type changed | Account.Size__c: string → double')
})

test('facts of another form are left out', () => {
  const facts = { changed_fields: 'Name', changed_count: 'x' }
  expect(textOf({ facts })).toBe('info Account updated | 001')
  expect(textOf({ eventType: 'bulk_job.failed', facts: { counts: 5, reason: {} } })).toBe(
    'info Bulk job failed | (001)',
  )
})
