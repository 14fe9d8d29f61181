import { sql } from 'slonik'
import { expect } from 'vitest'
import { oauthFlowContext } from '../../db/oauth-flows.ts'
import { row } from '../../db/row-type.ts'
import type { Sealing } from '../../security/sealing.ts'
import { decideAt, putApp } from '../connections/authorize.ts'
import type { TestConveyor } from '../setup/conveyor.ts'
import type { Planted } from './find-planted.ts'

/** Sends a request; its refusals are noted by whoever gave it. */
export type Ask = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string | null,
) => Promise<{ readonly status: number; readonly said: string }>

/**
 * Authorises a connection by the web-server flow, and comes back twice: the second time is refused.
 * @returns what of the flow must stand nowhere in clear.
 */
export async function authorizePlanted(
  conveyor: TestConveyor,
  sealing: Sealing,
  apiUrl: string,
  { ask, bearer }: { readonly ask: Ask; readonly bearer: Readonly<Record<string, string>> },
  clientSecret: string,
): Promise<Planted> {
  const clientId = 'scanned-app'
  const callback = `http://localhost:${new URL(apiUrl).port}/api/auth/salesforce/callback`
  await putApp(conveyor.org.url, {
    ...{ clientId, clientSecret, redirectUris: [callback], requirePkce: true },
  })
  const begun = await ask(
    ...['POST', '/v1/connections/authorize', { ...bearer, 'content-type': 'application/json' }],
    JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
  )
  expect([begun.status, begun.said]).toEqual([201, expect.any(String)])
  // Just what this route promises.
  const { authorization_url } = JSON.parse(begun.said) as { authorization_url: string }
  const back = await decideAt(authorization_url, 'allow')
  // The only place that the verifier is ever in: sealed.
  const flow = await conveyor.pool.one(
    sql.type(row<{ flow_id: string; code_verifier: Buffer }>())`
    select flow_id, code_verifier from oauth_flows`,
  )
  const verifier = sealing.openSecret(
    oauthFlowContext(flow.flow_id, 'code_verifier'),
    flow.code_verifier,
  )
  // As a browser comes: without a key, and with everything in the address.
  const page = await ask('GET', back.pathname + back.search, { accept: 'text/html' })
  const token = /name="token" value="([\w-]{43})"/.exec(page.said)?.[1] ?? ''
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  for (const status of [200, 400]) {
    const came = await ask(
      ...(['POST', '/api/auth/salesforce/callback/confirm', form] as const),
      new URLSearchParams({ token }).toString(),
    )
    expect([came.status, came.said]).toEqual([status, expect.any(String)])
  }
  const late = await ask('GET', back.pathname + back.search, { accept: 'text/html' })
  expect([late.status, late.said]).toEqual([400, expect.stringContaining('invalid_state')])
  return {
    'client secret of an app': clientSecret,
    'state of an authorisation': required(back, 'state'),
    'authorisation code': required(back, 'code'),
    'token of a confirmation': token,
    'PKCE verifier': verifier.toString(),
  }
}

/** An empty text would be found everywhere, and a missing one nowhere. */
function required({ searchParams }: URL, name: string): string {
  const value = searchParams.get(name) ?? ''
  expect(value.length, name).toBeGreaterThan(10)
  return value
}
