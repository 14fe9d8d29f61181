import type { ConfigProblem } from './config-error.ts'

const PRODUCTION = 'https://login.salesforce.com'
const SANDBOX = 'https://test.salesforce.com'

/** Domains whose hosts only Salesforce can hand out; a client secret may be sent to nothing else. */
const SALESFORCE_DOMAINS = ['.salesforce.com', '.salesforce.mil', '.sfcrmproducts.cn'] as const
const MY_DOMAIN = ['.my.salesforce.com', '.my.salesforce.mil', '.my.sfcrmproducts.cn'] as const

export interface LoginSettings {
  readonly environment: string
  readonly loginUrl: string | null
  readonly allowAnyHost: boolean
  /** The client credentials flow answers on My Domain hosts only. */
  readonly needsMyDomain: boolean
}

/** The origin that tokens are asked from, with what is wrong about it. */
export function resolveLoginUrl(settings: LoginSettings): {
  readonly loginUrl: string
  readonly problems: readonly ConfigProblem[]
} {
  const name = settings.loginUrl === null ? 'SALESFORCE_ENVIRONMENT' : 'SALESFORCE_LOGIN_URL'
  const written = settings.loginUrl ?? settings.environment
  const refuse = (reason: string) => ({ loginUrl: PRODUCTION, problems: [{ name, reason }] })

  const address = namedEnvironment(written) ?? written
  if (!URL.canParse(address)) {
    return refuse(
      'is neither production, nor sandbox, nor a login address such as https://example.my.salesforce.com',
    )
  }
  const url = new URL(address)
  if (url.username !== '' || url.password !== '')
    return refuse('must not hold a user or a password')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return refuse('must be a host alone, without a path')
  }
  if (settings.allowAnyHost) {
    return url.protocol === 'https:' || url.protocol === 'http:'
      ? { loginUrl: url.origin, problems: [] }
      : refuse('is neither http nor https')
  }
  if (url.protocol !== 'https:') return refuse('must begin with https://')
  if (url.port !== '' || !endsWithOneOf(url.hostname, SALESFORCE_DOMAINS)) {
    return refuse(
      'is not a Salesforce host. For a simulator set CONVEYOR_ALLOW_ANY_LOGIN_HOST=true; secrets are sent to that host.',
    )
  }
  if (settings.needsMyDomain && !endsWithOneOf(url.hostname, MY_DOMAIN)) {
    return {
      loginUrl: url.origin,
      problems: [
        {
          name: 'SALESFORCE_LOGIN_URL',
          reason:
            'must be the My Domain of the org (https://example.my.salesforce.com): client id and secret alone mean the client credentials flow, which other hosts refuse. With a refresh token or a redirect URI it is not needed.',
        },
      ],
    }
  }
  return { loginUrl: url.origin, problems: [] }
}

function namedEnvironment(written: string): string | undefined {
  if (/^production$/i.test(written)) return PRODUCTION
  if (/^sandbox$/i.test(written)) return SANDBOX
  return undefined
}

function endsWithOneOf(host: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => host.endsWith(suffix))
}
