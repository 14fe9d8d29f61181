import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiAnswer } from './api-answer.ts'
import type { SalesforceCredentials } from './credentials.ts'
import { toId18 } from './record-id.ts'
import {
  cutAfterBody,
  json,
  ORG_15,
  type ScriptedOrg,
  silence,
  startScriptedOrg,
  TOKEN_ROUTE,
  token,
} from './scripted-org.ts'
import { createSessionSource } from './tokens.ts'

let org: ScriptedOrg
beforeEach(async () => {
  org = await startScriptedOrg()
})
afterEach(() => org.close())

const byRefresh = (refreshToken = 'r1'): SalesforceCredentials => ({
  grant: 'refresh_token',
  loginUrl: org.url,
  clientId: 'app',
  clientSecret: null,
  refreshToken,
})
const byClient = (): SalesforceCredentials => ({
  grant: 'client_credentials',
  loginUrl: org.url,
  clientId: 'app',
  clientSecret: 's&cret',
})
const form = (index: number) => Object.fromEntries(new URLSearchParams(org.requests[index]?.body))

describe('sessions', () => {
  test('client credentials give a session, and its answer is told of without usage', async () => {
    org.route(TOKEN_ROUTE, token(org, 't1'))
    const answers: ApiAnswer[] = []
    const sessions = createSessionSource({
      credentials: byClient(),
      fetchTimeoutMs: 2000,
      onAnswer: (answer) => void answers.push(answer),
    })
    expect(await sessions.current()).toEqual({
      accessToken: 't1',
      instanceUrl: org.url,
      organizationId: toId18(ORG_15),
      scope: 'api refresh_token',
    })
    expect(form(0)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 's&cret',
    })
    expect(answers).toMatchObject([
      { method: 'POST', path: '/services/oauth2/token', httpStatus: 200, apiUsage: null },
    ])
    await sessions.current()
    expect(org.count(TOKEN_ROUTE)).toBe(1)
  })

  test('twenty callers at once share one refresh, and so do twenty renewals', async () => {
    org.route(TOKEN_ROUTE, token(org, 't1'), token(org, 't2'))
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 2000 })
    const first = await Promise.all(Array.from({ length: 20 }, () => sessions.current()))
    expect(new Set(first.map((session) => session.accessToken))).toEqual(new Set(['t1']))
    expect(org.count(TOKEN_ROUTE)).toBe(1)
    const renewed = await Promise.all(first.map((session) => sessions.renew(session)))
    expect(new Set(renewed.map((session) => session.accessToken))).toEqual(new Set(['t2']))
    // A late one holds a session that is replaced already.
    const [stale] = first
    expect(stale && (await sessions.renew(stale)).accessToken).toBe('t2')
    expect(org.count(TOKEN_ROUTE)).toBe(2)
  })

  test('a rotated refresh token is saved before its session is used, and used next', async () => {
    org.route(
      TOKEN_ROUTE,
      token(org, 't1', { refresh_token: 'r2' }),
      token(org, 't2', { refresh_token: 'r3' }),
    )
    const saved: string[] = []
    const sessions = createSessionSource({
      credentials: byRefresh('r1'),
      fetchTimeoutMs: 2000,
      onRefreshToken: async (newToken) => void saved.push(newToken),
    })
    const session = await sessions.current()
    expect(saved).toEqual(['r2'])
    await sessions.renew(session)
    expect(saved).toEqual(['r2', 'r3'])
    expect([form(0)['refresh_token'], form(1)['refresh_token']]).toEqual(['r1', 'r2'])
  })

  test('a rotated token that could not be saved is saved by the next call, without another refresh', async () => {
    org.route(TOKEN_ROUTE, token(org, 't1', { refresh_token: 'r2' }))
    const saved: string[] = []
    let broken = true
    const sessions = createSessionSource({
      credentials: byRefresh('r1'),
      fetchTimeoutMs: 2000,
      async onRefreshToken(newToken) {
        if (broken) throw new Error('database down')
        saved.push(newToken)
      },
    })
    await expect(sessions.current()).rejects.toThrow('database down')
    broken = false
    expect((await sessions.current()).accessToken).toBe('t1')
    expect(saved).toEqual(['r2'])
    expect(org.count(TOKEN_ROUTE)).toBe(1)
  })

  test('a refusal is told apart and does not stick', async () => {
    org.route(
      TOKEN_ROUTE,
      json(400, { error: 'invalid_grant', error_description: 'expired access/refresh token' }),
      token(org, 't1'),
    )
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 2000 })
    await expect(sessions.current()).rejects.toMatchObject({
      kind: 'authentication',
      retry: 'person',
      httpStatus: 400,
      errorCode: 'invalid_grant',
      effect: 'none',
    })
    expect((await sessions.current()).accessToken).toBe('t1')
  })

  test('a lost answer is not asked for again by itself', async () => {
    org.route(TOKEN_ROUTE, cutAfterBody())
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 2000 })
    await expect(sessions.current()).rejects.toMatchObject({ kind: 'no_answer', effect: 'none' })
    expect(org.count(TOKEN_ROUTE)).toBe(1)
  })

  test('one caller that gives up does not take the session from the others', async () => {
    org.route(TOKEN_ROUTE, async (response, seen, request) => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      await token(org, 't1')(response, seen, request)
    })
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 2000 })
    const controller = new AbortController()
    const impatient = sessions.current(controller.signal)
    const patient = sessions.current()
    controller.abort()
    await expect(impatient).rejects.toMatchObject({ kind: 'aborted' })
    expect((await patient).accessToken).toBe('t1')
    expect(org.count(TOKEN_ROUTE)).toBe(1)
  })

  test('a silent token endpoint ends in no_answer', async () => {
    org.route(TOKEN_ROUTE, silence())
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 100 })
    await expect(sessions.current()).rejects.toMatchObject({ kind: 'no_answer' })
  })

  test.each([
    ['no organization', { id: 'https://login.salesforce.com/id/' }],
    ['no instance', { instance_url: 'nowhere' }],
  ])('an answer with %s is refused without telling the token', async (_what, extra) => {
    org.route(TOKEN_ROUTE, token(org, 'secret-token', extra))
    const sessions = createSessionSource({ credentials: byRefresh(), fetchTimeoutMs: 2000 })
    const error = await sessions.current().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ kind: 'invalid_answer' })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-token')
  })
})
