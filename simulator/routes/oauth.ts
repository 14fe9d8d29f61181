import { createHmac } from 'node:crypto'
import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { TokenError } from '../http/token-error.ts'
import { ADMIN, ORG_ID, USER_ID } from '../org.ts'

/** `POST /services/oauth2/token` with client credentials or a refresh token. */
export function addOauthRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.post('/services/oauth2/token', async (c) => {
    c.header('Cache-Control', 'no-store')
    try {
      return c.json(await grant(org, c))
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      return c.json(error.body(), error.status)
    }
  })
}

async function grant(org: Org, c: OrgContext): Promise<object> {
  const form = new URLSearchParams(await c.req.text())
  const client = clientOf(c, form)
  if (client.id !== org.credentials.clientId) {
    throw new TokenError('invalid_client_id', 'client identifier invalid')
  }
  const secretIsWrong = client.secret !== org.credentials.clientSecret
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      if (secretIsWrong) throw new TokenError('invalid_client', 'invalid client credentials')
      return tokenBody(org, await org.write(() => org.sessions.open(null, ADMIN)), 'api', null)
    }
    case 'refresh_token': {
      // Public clients hold no secret: a missing one is fine, a wrong one is not.
      if (client.secret !== null && secretIsWrong) {
        throw new TokenError('invalid_client', 'invalid client credentials')
      }
      return refresh(org, form.get('refresh_token') ?? '')
    }
    default:
      throw new TokenError('unsupported_grant_type', 'grant type not supported')
  }
}

function clientOf(c: OrgContext, form: URLSearchParams) {
  const basic = /^basic (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (basic === undefined) return { id: form.get('client_id'), secret: form.get('client_secret') }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) }
}

async function refresh(org: Org, token: string): Promise<object> {
  const rotate = org.settings().rotateRefreshTokens
  const outcome = await org.write(() => {
    const state = org.sessions.refreshTokenState(token)
    // Presenting a token that was rotated out ends everything that came of it.
    if (state === 'retired') org.sessions.revokeAll()
    if (state !== 'live') return null
    const next = rotate ? org.sessions.rotate(token) : null
    return { access: org.sessions.open(next ?? token, ADMIN), next }
  })
  if (outcome === null) throw new TokenError('invalid_grant', 'expired access/refresh token')
  return tokenBody(org, outcome.access, 'refresh_token api', outcome.next)
}

function tokenBody(org: Org, token: string, scope: string, refreshToken: string | null): object {
  const id = `${org.baseUrl()}/id/${ORG_ID}/${USER_ID}`
  const issuedAt = String(Date.now())
  const signature = createHmac('sha256', org.credentials.clientSecret)
    .update(id + issuedAt)
    .digest('base64')
  return {
    access_token: token,
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    signature,
    scope,
    instance_url: org.baseUrl(),
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  }
}
