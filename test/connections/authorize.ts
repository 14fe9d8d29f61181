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

/**
 * Opens the callback as a browser that did not begin the authorisation.
 * @returns the token of the page that asks for a confirmation.
 */
export async function askedToConfirm(apiUrl: string, back: URL): Promise<string> {
  const page = await request(apiUrl + back.pathname + back.search, {
    reset: true,
    headers: { accept: 'text/html' },
  })
  const text = await page.body.text()
  const token = /<input type="hidden" name="token" value="([\w-]{43})">/.exec(text)?.[1]
  if (page.statusCode !== 200 || token === undefined) throw new Error(`${page.statusCode} ${text}`)
  return token
}

/** Sends the form of that page, as a browser does. */
export async function confirm(
  apiUrl: string,
  token: string,
  headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
): Promise<JsonAnswer> {
  const answer = await request(`${apiUrl}/api/auth/salesforce/callback/confirm`, {
    method: 'POST',
    reset: true,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams({ token }).toString(),
  })
  // Our own answers.
  return { status: answer.statusCode, body: (await answer.body.json()) as JsonAnswer['body'] }
}

/** Follows the browser to the callback, and confirms where that is asked. */
export async function comeBackTo(apiUrl: string, back: URL): Promise<JsonAnswer> {
  const answer = await callJson('GET', apiUrl + back.pathname + back.search)
  if (answer.body['error'] !== 'confirmation_required') return answer
  return confirm(apiUrl, await askedToConfirm(apiUrl, back))
}

/** An app of the simulated org, made or changed. */
export async function putApp(
  orgUrl: string,
  app: Readonly<Record<string, unknown>> & { readonly clientId: string },
): Promise<void> {
  const { status, body } = await callJson('POST', `${orgUrl}/__simulator/apps`, app)
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`)
}
