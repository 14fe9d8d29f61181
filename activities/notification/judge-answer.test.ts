import { describe, expect, test } from 'vitest'
import type { OutboundFailureKind, OutboundResult } from '../../outbound/outbound-result.ts'
import { judgeAnswer } from './judge-answer.ts'

function answer(status: number, body = '', headers: Record<string, string> = {}): OutboundResult {
  return {
    ...{ kind: 'answer', status, headers, body: Buffer.from(body) },
    ...{ truncated: false, durationMs: 1 },
  }
}

function failure(kind: OutboundFailureKind): OutboundResult {
  return {
    ...{ kind: 'failure', failure: kind, message: 'In words.', status: null },
    ...{ mayHaveArrived: true, durationMs: 1 },
  }
}

const slack = (result: OutboundResult) => judgeAnswer('slack', result, 1_000)
const discord = (result: OutboundResult) => judgeAnswer('discord', result, 1_000)

describe('taken', () => {
  test('Slack takes a message a second', () => {
    expect(slack(answer(200, 'ok'))).toEqual({
      ...{ kind: 'sent', status: 200, platformId: null, holdMs: 1_000 },
    })
  })

  test('Discord says who it is, and when its bucket is full again', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '2.35' }
    expect(discord(answer(200, '{"id":"123"}', headers))).toMatchObject({
      ...{ kind: 'sent', platformId: '123', holdMs: 2_350 },
    })
    const left = { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset-after': '2.35' }
    expect(discord(answer(204, '', left))).toMatchObject({ platformId: null, holdMs: 1_000 })
  })
})

describe('asked to wait', () => {
  test.each([
    ['slack', '30', '', 30_000],
    ['slack', '0', '', 250],
    ['slack', '99999999', '', 600_000],
    ['slack', 'Wed, 21 Oct 2026 07:28:00 GMT', '', null],
    ['discord', '1', '{"retry_after": 0.652}', 652],
    ['discord', '65', '{"message": "no number"}', 65_000],
    // Meant as milliseconds.
    ['discord', '', '{"retry_after": 41234}', 41_234],
    ['discord', '', '{"retry_after": -1}', null],
    ['discord', '', '<html>', null],
  ] as const)('%s: Retry-After %j, body %j', (kind, header, body, afterMs) => {
    const headers: Record<string, string> = header === '' ? {} : { 'retry-after': header }
    expect(judgeAnswer(kind, answer(429, body, headers), 1_000)).toMatchObject({
      ...{ kind: 'retry', afterMs },
    })
  })
})

test.each([500, 502, 503, 408])('%i passes', (status) => {
  expect(slack(answer(status, 'rollup_error'))).toMatchObject({ kind: 'retry', afterMs: null })
  expect(discord(answer(status))).toMatchObject({ kind: 'retry', afterMs: null })
})

test.each(['dns', 'timeout', 'connection_lost', 'refused_address', 'redirect'] as const)(
  '%s passes',
  (kind) => {
    expect(slack(failure(kind))).toMatchObject({ kind: 'retry', trouble: { error: kind } })
  },
)

test('a URL that may not be called any more needs another one', () => {
  expect(slack(failure('refused_url'))).toMatchObject({ kind: 'refused_channel' })
})

test.each([
  ['slack', 403, 'action_prohibited', 'refused_channel'],
  ['slack', 404, 'channel_not_found', 'refused_channel'],
  ['slack', 410, 'channel_is_archived', 'refused_channel'],
  ['slack', 400, 'invalid_payload', 'refused_form'],
  ['slack', 401, 'invalid_auth', 'refused_form'],
  ['discord', 401, '{"message":"x"}', 'refused_channel'],
  ['discord', 403, '{"message":"x"}', 'refused_channel'],
  ['discord', 404, '{"message":"x"}', 'refused_channel'],
  ['discord', 400, '{"message":"x","code":50035}', 'refused_form'],
  ['discord', 410, '{"message":"x"}', 'refused_form'],
] as const)('%s %i %s: %s', (kind, status, body, verdict) => {
  expect(judgeAnswer(kind, answer(status, body), 1_000).kind).toBe(verdict)
})

test('what it says is the platform’s word for it, and no page', () => {
  const said = (result: OutboundResult, kind: 'slack' | 'discord' = 'slack') => {
    const verdict = judgeAnswer(kind, result, 1_000)
    return verdict.kind === 'sent' ? '' : verdict.trouble.message
  }
  expect(said(answer(404, 'no_service\n'))).toBe('no_service')
  expect(said(answer(404, '<html>…</html>'))).toBe('HTTP 404')
  expect(said(answer(400, '{"message":"Invalid Form Body","code":50035}'), 'discord')).toBe(
    'Invalid Form Body (50035)',
  )
  expect(said(answer(400, `{"message":"a\\n${'x'.repeat(500)}"}`), 'discord')).toHaveLength(200)
})
