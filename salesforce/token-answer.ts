import { z } from 'zod'
import { SalesforceError } from './errors.ts'
import { toId18 } from './record-id.ts'
import { parseJson } from './refusal.ts'

/** What a granted token opens. */
export interface SalesforceSession {
  readonly accessToken: string
  /** Origin of the org's API, without a path. */
  readonly instanceUrl: string
  /** 18 characters. */
  readonly organizationId: string
  readonly scope: string | null
}

/** What the token endpoint granted. */
export interface GrantedToken {
  readonly session: SalesforceSession
  /** Null where none came; then the one that was presented goes on, if there was one. */
  readonly refreshToken: string | null
  /** 18 characters: whom the session acts for. */
  readonly salesforceUserId: string
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  // The identity URL: …/id/<organization id>/<user id>
  id: z.string().regex(/\/id\/[0-9A-Za-z]{15,18}\/[0-9A-Za-z]{15,18}\/?$/),
  scope: z.string().optional(),
  refresh_token: z.string().min(1).optional(),
})

/** @throws SalesforceError `invalid_answer`, which never holds a token. */
export function readTokenAnswer(text: string, tokenUrl: URL): GrantedToken {
  const parsed = tokenAnswer.safeParse(parseJson(text))
  if (!parsed.success) {
    // Only the names of the keys: the answer holds a token.
    const keys = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw invalidToken(`The token answer cannot be read: ${keys || 'no JSON object'}.`)
  }
  const { access_token, instance_url, id, scope, refresh_token } = parsed.data
  const instance = new URL(instance_url)
  if (tokenUrl.protocol === 'https:' && instance.protocol !== 'https:') {
    throw invalidToken('The token answer names an instance without TLS.')
  }
  const [organizationId = '', userId = ''] = id.split('/').filter(Boolean).slice(-2)
  return {
    session: {
      accessToken: access_token,
      instanceUrl: instance.origin,
      organizationId: idFrom(organizationId, 'organization'),
      scope: scope ?? null,
    },
    refreshToken: refresh_token ?? null,
    salesforceUserId: idFrom(userId, 'user'),
  }
}

function idFrom(id: string, what: string): string {
  try {
    return toId18(id)
  } catch (error) {
    throw invalidToken(`The token answer names no ${what} id.`, error)
  }
}

function invalidToken(message: string, cause?: unknown): SalesforceError {
  return new SalesforceError({ kind: 'invalid_answer', message, httpStatus: 200, cause })
}
