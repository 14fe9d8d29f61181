import { z } from 'zod'
import { readErrorText, readJsonText } from './answer-body.ts'
import type { AnswerListener } from './api-answer.ts'
import { SalesforceError } from './errors.ts'
import { createExchange, createSalesforceAgent } from './exchange.ts'
import { readRetryAfterMs } from './http-headers.ts'
import { toId18 } from './record-id.ts'
import { parseJson } from './refusal.ts'
import { readTokenRefusal } from './token-refusal.ts'

/** What a granted token opens. */
export interface SalesforceSession {
  readonly accessToken: string
  /** Origin of the org's API, without a path. */
  readonly instanceUrl: string
  /** 18 characters. */
  readonly organizationId: string
  readonly scope: string | null
}

export type SalesforceCredentials =
  | {
      readonly grant: 'client_credentials'
      /** A My Domain host: the shared login hosts refuse this grant. */
      readonly loginUrl: string
      readonly clientId: string
      readonly clientSecret: string
    }
  | {
      readonly grant: 'refresh_token'
      readonly loginUrl: string
      readonly clientId: string
      /** Null for a public client. */
      readonly clientSecret: string | null
      readonly refreshToken: string
    }

export interface SessionSource {
  /** The session in hand, or a new one. @throws SalesforceError with effect `none`. */
  current(signal?: AbortSignal): Promise<SalesforceSession>
  /** A session other than `stale`: the one that somebody else got meanwhile, or a new one. */
  renew(stale: SalesforceSession, signal?: AbortSignal): Promise<SalesforceSession>
}

export interface SessionSourceOptions {
  readonly credentials: SalesforceCredentials
  /** Longest silence of the token endpoint, in milliseconds. */
  readonly fetchTimeoutMs: number
  readonly onAnswer?: AnswerListener
  /**
   * Saves a rotated refresh token, before the session that came with it is given to anyone: the old one is
   * dead by then. Where it rejects, the next call tries to save again and asks for no further token.
   */
  readonly onRefreshToken?: (newRefreshToken: string) => Promise<void>
}

interface GrantedToken {
  readonly session: SalesforceSession
  readonly refreshToken: string | null
}

/**
 * Sessions of one connection, single flight inside the process: two refreshes at once can log the user out
 * where the org rotates refresh tokens (Salesforce Help, "OAuth 2.0 Refresh Token Flow"). A caller's signal
 * ends its own wait only; the flight goes on for the others.
 */
export function createSessionSource(options: SessionSourceOptions): SessionSource {
  const { credentials, onRefreshToken } = options
  const requestToken = createTokenRequest(options)
  let session: SalesforceSession | null = null
  let flight: Promise<SalesforceSession> | null = null
  let refreshToken = credentials.grant === 'refresh_token' ? credentials.refreshToken : null
  let unsaved: { readonly session: SalesforceSession; readonly refreshToken: string } | null = null

  async function fly(): Promise<SalesforceSession> {
    if (unsaved === null) {
      const granted = await requestToken(refreshToken)
      if (granted.refreshToken === null || granted.refreshToken === refreshToken) {
        return granted.session
      }
      refreshToken = granted.refreshToken
      unsaved = { session: granted.session, refreshToken: granted.refreshToken }
    }
    const pending = unsaved
    await onRefreshToken?.(pending.refreshToken)
    unsaved = null
    return pending.session
  }

  function join(): Promise<SalesforceSession> {
    flight ??= fly()
      .then((granted) => {
        session = granted
        return granted
      })
      .finally(() => {
        flight = null
      })
    return flight
  }

  return {
    current: (signal) => withSignal(session ? Promise.resolve(session) : join(), signal),
    renew(stale, signal) {
      if (session && session.accessToken !== stale.accessToken) {
        return withSignal(Promise.resolve(session), signal)
      }
      // Forgotten first, so that a call that begins meanwhile waits instead of using it.
      session = null
      return withSignal(join(), signal)
    },
  }
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const aborted = () =>
    new SalesforceError({
      kind: 'aborted',
      message: 'Waiting for a session was aborted.',
      cause: signal.reason,
    })
  if (signal.aborted) {
    // Somebody else may wait for the same flight, or nobody: its failure is theirs.
    work.catch(() => undefined)
    throw aborted()
  }
  let onAbort = () => {}
  const interrupted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(aborted())
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  // The identity URL: …/id/<organization id>/<user id>
  id: z.string().regex(/\/id\/[0-9A-Za-z]{15,18}\/[0-9A-Za-z]{15,18}\/?$/),
  scope: z.string().optional(),
  refresh_token: z.string().min(1).optional(),
})

function createTokenRequest({ credentials, fetchTimeoutMs, onAnswer }: SessionSourceOptions) {
  const exchange = createExchange({
    dispatcher: createSalesforceAgent(fetchTimeoutMs),
    timeoutMs: fetchTimeoutMs,
    onAnswer: onAnswer ?? (() => {}),
  })
  const url = new URL('/services/oauth2/token', credentials.loginUrl)

  return async (refreshToken: string | null): Promise<GrantedToken> => {
    // Never repeated here: where the answer of a rotating refresh is lost, the token that it replaced is
    // dead, and presenting it again would revoke its successor as well.
    const answer = await exchange({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: tokenForm(credentials, refreshToken).toString(),
      effect: 'none',
      signal: undefined,
      closeAfter: true,
    })
    if (answer.status !== 200) {
      const refusal = readTokenRefusal(answer.status, await readErrorText(answer.body), url.origin)
      throw new SalesforceError({
        ...refusal,
        httpStatus: answer.status,
        retryAfterMs: readRetryAfterMs(answer.headers),
      })
    }
    const text = await readJsonText(answer.body, {
      what: answer.what,
      effect: 'none',
      signal: undefined,
    })
    return readToken(text, url)
  }
}

function tokenForm(
  credentials: SalesforceCredentials,
  refreshToken: string | null,
): URLSearchParams {
  const form = new URLSearchParams({
    grant_type: credentials.grant,
    client_id: credentials.clientId,
  })
  if (credentials.clientSecret !== null) form.set('client_secret', credentials.clientSecret)
  if (refreshToken !== null) form.set('refresh_token', refreshToken)
  return form
}

function readToken(text: string, tokenUrl: URL): GrantedToken {
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
  const organizationId = id.split('/').filter(Boolean).at(-2) ?? ''
  return {
    session: {
      accessToken: access_token,
      instanceUrl: instance.origin,
      organizationId: organizationFrom(organizationId),
      scope: scope ?? null,
    },
    refreshToken: refresh_token ?? null,
  }
}

function organizationFrom(id: string): string {
  try {
    return toId18(id)
  } catch (error) {
    throw invalidToken('The token answer names no organization id.', error)
  }
}

function invalidToken(message: string, cause?: unknown): SalesforceError {
  return new SalesforceError({ kind: 'invalid_answer', message, httpStatus: 200, cause })
}
