import { createHash, randomBytes } from 'node:crypto'

/** An answer of an OAuth endpoint; the tests assert its shape. */
export interface OauthAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, string>
}

/** Calls OAuth endpoints as an app does, and the approval page as a browser does. */
export interface OauthClient {
  post(
    path: string,
    form: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<OauthAnswer>
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<OauthAnswer>
  /** Opens the authorize endpoint, follows to the page, decides there, and gives where the browser is sent. */
  decide(query: Record<string, string>, decision: 'allow' | 'deny', username?: string): Promise<URL>
  /** Where the authorize endpoint itself sends a browser, or the page it answers with. */
  authorize(
    query: Record<string, string>,
  ): Promise<{ status: number; location: URL | null; text: string }>
}

export function createOauthClient(url: string): OauthClient {
  async function post(
    path: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    })
    const text = await response.text()
    // The shape is asserted by each test.
    const body = (text.startsWith('{') ? JSON.parse(text) : { text }) as Record<string, string>
    return { status: response.status, headers: response.headers, body }
  }

  return {
    post,
    token: (form, headers) => post('/services/oauth2/token', form, headers),
    async authorize(query) {
      const path = `/services/oauth2/authorize?${new URLSearchParams(query)}`
      const response = await fetch(url + path, { redirect: 'manual' })
      const location = response.headers.get('location')
      return {
        status: response.status,
        location: location === null ? null : new URL(location, url),
        text: await response.text(),
      }
    },
    async decide(query, decision, username) {
      const path = `/services/oauth2/authorize?${new URLSearchParams(query)}`
      const page = await fetch(url + path)
      const { action, fields } = readForm(await page.text(), decision)
      const sent = await fetch(new URL(action, page.url), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...fields, ...(username === undefined ? {} : { username }) }),
      })
      const location = sent.headers.get('location')
      if (location === null) throw new Error(`${sent.status}: ${await sent.text()}`)
      return new URL(location)
    },
  }
}

/** A code verifier and its challenge. */
export function createPkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(48).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** What a browser would send when a button of the page is pressed. */
function readForm(html: string, button: string) {
  const action = attribute(html, /<form [^>]*action="([^"]*)"/)
  const select = attribute(html, /<select [^>]*name="([^"]*)"/)
  const chosen =
    /<option value="([^"]*)" selected/.exec(html) ?? /<option value="([^"]*)"/.exec(html)
  const pressed = attribute(html, new RegExp(`<button [^>]*name="([^"]*)" value="${button}"`))
  return { action, fields: { [select]: unescapeHtml(chosen?.[1] ?? ''), [pressed]: button } }
}

function attribute(html: string, pattern: RegExp): string {
  const value = pattern.exec(html)?.[1]
  if (value === undefined) throw new Error(`no ${pattern} in ${html}`)
  return unescapeHtml(value)
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}
