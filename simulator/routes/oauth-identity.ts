import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { canonicalId, recordNumber } from '../ids.ts'
import { admitSession } from '../oauth/admit-session.ts'
import { answerInFormat } from '../oauth/answer-format.ts'
import { bearerToken } from '../oauth/bearer-token.ts'
import { discovery } from '../oauth/discovery.ts'
import { identityBody, userinfoBody } from '../oauth/identity-body.ts'
import { readForm } from '../oauth/read-form.ts'
import { allowsApi } from '../oauth/scopes.ts'
import { API_VERSIONS, ORG_ID } from '../org.ts'
import type { Session } from '../store/session-store.ts'

/** Who a token stands for: identity URL, userinfo, and what OpenID Connect needs to check ID tokens. */
export function addIdentityRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get('/.well-known/openid-configuration', (c) => c.json(discovery(org.baseUrl())))
  app.get('/id/keys', async (c) => c.json({ keys: [await org.oauth.signingKey.publicJwk()] }))

  app.on(['GET', 'POST'], '/services/oauth2/userinfo', async (c) => {
    const form = await readForm(c)
    const session = await sessionOf(org, c, form)
    if (typeof session === 'string') return c.text(session, 403)
    const user = org.oauth.users.byNumber(session.userNumber)
    return user === null
      ? c.text('Bad_Id', 404)
      : answerInFormat(c, form, userinfoBody(org, user), 'user')
  })

  app.on(['GET', 'POST'], '/id/:organization/:user', async (c) => {
    const form = await readForm(c)
    const session = await sessionOf(org, c, form)
    if (typeof session === 'string') return c.text(session, 403)
    const organization = canonicalId(c.req.param('organization'))
    if (organization === null || !organization.startsWith('00D')) return c.text('Bad_Id', 404)
    if (organization !== ORG_ID) return c.text('Wrong_Org', 403)
    const id = canonicalId(c.req.param('user'))
    const n = id?.startsWith('005') === true ? recordNumber(id) : null
    const user = n === null ? null : org.oauth.users.byNumber(n)
    if (user === null) return c.text('Bad_Id', 404)
    if (!user.isActive) return c.text('Inactive', 404)
    const isOwn = user.n === session.userNumber
    if (!isOwn && !allowsApi(session.scopes)) return c.text('No_Access', 404)
    const version = shownVersion(form.get('version'))
    if (version === null) return c.text('Invalid_Version', 406)
    return answerInFormat(c, form, identityBody(org, user, isOwn, version), 'user')
  })
}

/** The session of the header or of the `oauth_token` parameter; a text says what is wrong with it. */
async function sessionOf(
  org: Org,
  c: OrgContext,
  form: URLSearchParams,
): Promise<Session | 'Missing_OAuth_Token' | 'Bad_OAuth_Token'> {
  const token = bearerToken(c) ?? form.get('oauth_token') ?? form.get('access_token')
  if (token === null) return 'Missing_OAuth_Token'
  return (await admitSession(org, token)) ?? 'Bad_OAuth_Token'
}

/** What stands for the version in the addresses; `null` for a version that is not served. */
function shownVersion(asked: string | null): string | null {
  if (asked === null) return '{version}'
  const latest = API_VERSIONS[API_VERSIONS.length - 1]
  if (asked === 'latest') return `${latest}.0`
  const version = API_VERSIONS.find((known) => known === Number(asked))
  return version === undefined ? null : `${version}.0`
}
