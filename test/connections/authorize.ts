import { request } from 'undici'
import { createOauthClient } from '../../simulator/testing/oauth-client.ts'

/** An answer with a JSON body, or an empty object where there is none. */
export interface JsonAnswer {
  readonly status: number
  // Each test asserts what it reads.
  readonly body: Record<string, unknown>
}

/**
 * Sends JSON over a connection of its own: a server that closes one that was idle would else fail the call that comes
 * just then.
 */
export async function callJson(method: string, url: string, body?: unknown): Promise<JsonAnswer> {
  const answer = await request(url, {
    method,
    reset: true,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await answer.body.text()
  return {
    status: answer.statusCode,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  }
}

/** Goes to the address as a person with a browser does, decides there, and gives where the browser is sent back to. */
export function decideAt(authorizationUrl: string, decision: 'allow' | 'deny'): Promise<URL> {
  const { origin, searchParams } = new URL(authorizationUrl)
  return createOauthClient(origin).decide(Object.fromEntries(searchParams), decision)
}

/** An app of the simulated org, made or changed. */
export async function putApp(
  orgUrl: string,
  app: Readonly<Record<string, unknown>> & { readonly clientId: string },
): Promise<void> {
  const { status, body } = await callJson('POST', `${orgUrl}/__simulator/apps`, app)
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`)
}
