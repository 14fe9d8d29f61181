import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { readErrorText, readJsonText } from './answer-body.ts'
import type { AnswerListener } from './api-answer.ts'
import type { TokenGrant } from './credentials.ts'
import { isSalesforceError, SalesforceError } from './errors.ts'
import { createExchange, createSalesforceAgent, type ExchangeAnswer } from './exchange.ts'
import { readRetryAfterMs } from './http-headers.ts'
import { jwtAssertion } from './jwt-assertion.ts'
import { parseJson } from './refusal.ts'
import { type GrantedToken, readTokenAnswer } from './token-answer.ts'
import { readTokenRefusal } from './token-refusal.ts'

export interface TokenEndpointOptions {
  /** Longest silence, in milliseconds; a call as a whole may take twice that. */
  readonly timeoutMs: number
  readonly onAnswer?: AnswerListener
  readonly dispatcher?: Dispatcher
}

/** The app that a token belongs to, at the host that gave it. */
export interface TokenOwner {
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string | null
}

/** Salesforce's OAuth endpoints. Every method throws SalesforceError with effect `none`. Nothing is repeated. */
export interface TokenEndpoint {
  /**
   * Never repeated here: where the answer to a rotating refresh is lost, the token that it replaced is dead, and
   * presenting it again would revoke its successor as well.
   */
  grant(grant: TokenGrant): Promise<GrantedToken>
  /** Whether a refresh token still counts, without presenting it; null where that cannot be learnt. */
  isActive(owner: TokenOwner, refreshToken: string): Promise<boolean | null>
  /** Ends a token; a refresh token takes its access tokens along. One that has ended is fine. */
  revoke(loginUrl: string, token: string): Promise<void>
}

export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { timeoutMs } = options
  const exchange = createExchange({
    dispatcher: options.dispatcher ?? createSalesforceAgent(timeoutMs),
    timeoutMs,
    onAnswer: options.onAnswer ?? (() => {}),
  })

  async function post<T>(
    loginUrl: string,
    path: string,
    form: Readonly<Record<string, string>>,
    read: (answer: ExchangeAnswer, call: Call) => Promise<T>,
  ): Promise<T> {
    const url = new URL(path, loginUrl)
    const signal = AbortSignal.timeout(2 * timeoutMs)
    try {
      const answer = await exchange({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams(form).toString(),
        effect: 'none',
        signal,
        closeAfter: true,
      })
      return await read(answer, { url, form, signal })
    } catch (error) {
      if (!isSalesforceError(error) || error.kind !== 'aborted') throw error
      const message = `POST ${path} got no answer within ${2 * timeoutMs} ms.`
      throw new SalesforceError({ kind: 'no_answer', message, cause: error })
    }
  }

  return {
    grant: (grant) =>
      post(grant.loginUrl, '/services/oauth2/token', formOf(grant), async (answer, call) => {
        if (answer.status !== 200) throw await refusalOf(answer, call, grant.grant)
        return readTokenAnswer(await textOf(answer, call), call.url)
      }),

    async isActive(owner, refreshToken) {
      const { loginUrl, clientId, clientSecret } = owner
      // Salesforce tells an app of its own tokens alone, and takes the secret for the proof.
      if (clientSecret === null) return null
      const form = {
        token: refreshToken,
        token_type_hint: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret,
      }
      return post(loginUrl, '/services/oauth2/introspect', form, async (answer, call) => {
        if (answer.status !== 200) {
          const refusal = await refusalOf(answer, call, 'introspection')
          if (refusal.retry === 'backoff') throw refusal
          return null
        }
        const parsed = introspection.safeParse(parseJson(await textOf(answer, call)))
        return parsed.success ? parsed.data.active : null
      })
    },

    revoke: (loginUrl, token) =>
      post(loginUrl, '/services/oauth2/revoke', { token }, async (answer, call) => {
        if (answer.status === 200) {
          await readErrorText(answer.body)
          return
        }
        const refusal = await refusalOf(answer, call, 'revocation')
        if (refusal.errorCode !== 'invalid_token') throw refusal
      }),
  }
}

const introspection = z.object({ active: z.boolean() })

/** A call as far as its answer is read by it. */
interface Call {
  readonly url: URL
  readonly form: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** What of a form may not be repeated by anybody. */
const SECRETS = [
  'token',
  'refresh_token',
  'code',
  'code_verifier',
  'client_secret',
  'assertion',
] as const

function textOf(answer: ExchangeAnswer, { signal }: Call): Promise<string> {
  return readJsonText(answer.body, { what: answer.what, effect: 'none', signal })
}

async function refusalOf(
  answer: ExchangeAnswer,
  { url, form }: Call,
  purpose: TokenGrant['grant'] | 'introspection' | 'revocation',
): Promise<SalesforceError> {
  const body = await readErrorText(answer.body)
  const refusal = readTokenRefusal(answer.status, body, url.origin, purpose === 'refresh_token')
  return new SalesforceError({
    ...refusal,
    message: withoutSecrets(refusal.message, form),
    httpStatus: answer.status,
    retryAfterMs: readRetryAfterMs(answer.headers),
  })
}

/** Some refusals quote the token that was presented; messages end up in logs and answers. */
function withoutSecrets(message: string, form: Readonly<Record<string, string>>): string {
  return SECRETS.reduce((text, name) => {
    const secret = form[name]
    return secret === undefined || secret === '' ? text : text.replaceAll(secret, '[redacted]')
  }, message)
}

function formOf(grant: TokenGrant): Record<string, string> {
  const app = { client_id: grant.clientId }
  switch (grant.grant) {
    case 'client_credentials':
      return { ...app, grant_type: grant.grant, client_secret: grant.clientSecret }
    case 'refresh_token':
      return {
        ...app,
        ...secretOf(grant.clientSecret),
        grant_type: grant.grant,
        refresh_token: grant.refreshToken,
      }
    case 'authorization_code':
      return {
        ...app,
        ...secretOf(grant.clientSecret),
        grant_type: grant.grant,
        code: grant.code,
        redirect_uri: grant.redirectUri,
        code_verifier: grant.codeVerifier,
      }
    case 'jwt_bearer':
      return {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: jwtAssertion(grant),
      }
    default:
      return unreachable(grant)
  }
}

function secretOf(clientSecret: string | null): Record<string, string> {
  return clientSecret === null ? {} : { client_secret: clientSecret }
}

function unreachable(grant: never): never {
  throw new Error(`Unknown grant ${JSON.stringify(grant)}`)
}
