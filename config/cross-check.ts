import type { ConfigProblem } from './config-error.ts'
import { type EnvironmentValues, environmentSchema } from './environment-schema.ts'
import { isLoopback } from './loopback.ts'
import { factsOf } from './variable.ts'

/** Webhooks as the platforms give them. */
const PLATFORM_URLS = [
  [
    'SALESFORCE_SLACK_WEBHOOK_URL',
    /^https:\/\/hooks\.slack(-gov)?\.com\/services\/\w+\/\w+\/\w+$/,
    'https://hooks.slack.com/services/T…/B…/…',
  ],
  [
    'SALESFORCE_DISCORD_WEBHOOK_URL',
    /^https:\/\/discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+(\?[\w=&]*)?$/,
    'https://discord.com/api/webhooks/…/…',
  ],
] as const

/** Client id and secret alone: no stored token, and no web-server flow that would bring one. */
export function usesClientCredentials(values: EnvironmentValues): boolean {
  return (
    values.SALESFORCE_CLIENT_ID !== null &&
    values.SALESFORCE_CLIENT_SECRET !== null &&
    values.SALESFORCE_REFRESH_TOKEN === null &&
    values.SALESFORCE_REDIRECT_URI === null
  )
}

/** By which setting others than the machine itself reach the API; null where none do. */
export function exposureOf(values: EnvironmentValues): string | null {
  if (!isLoopback(values.HOST)) return `HOST is ${values.HOST}, which is not a loopback address`
  // A proxy on this machine brings others to a loopback address, often under a Host of its own making.
  return values.CONVEYOR_TRUSTED_PROXIES > 0
    ? 'CONVEYOR_TRUSTED_PROXIES says that proxies bring callers from elsewhere'
    : null
}

/** What is wrong with variables that are right one by one. */
export function crossCheck(values: EnvironmentValues): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const report = (name: keyof EnvironmentValues, reason: string) => problems.push({ name, reason })

  if (values.SALESFORCE_CLIENT_ID === null) {
    for (const name of ['SALESFORCE_CLIENT_SECRET', 'SALESFORCE_REFRESH_TOKEN'] as const) {
      if (values[name] !== null) {
        report('SALESFORCE_CLIENT_ID', `is not set, and ${name}, which belongs to it, is`)
      }
    }
  } else if (values.SALESFORCE_CLIENT_SECRET === null && values.SALESFORCE_REFRESH_TOKEN === null) {
    report(
      'SALESFORCE_CLIENT_SECRET',
      'is not set: a client id needs this secret, or SALESFORCE_REFRESH_TOKEN, to sign in with',
    )
  }

  const exposure = exposureOf(values)
  if (exposure !== null) {
    if (values.CONVEYOR_REQUIRE_KEYS === false) {
      report('CONVEYOR_REQUIRE_KEYS', `must not be false, as ${exposure}`)
    }
    for (const name of ['SALESFORCE_WEBHOOK_SECRET', 'SALESFORCE_TOKEN_ENCRYPTION_KEY'] as const) {
      if (values[name] === null) report(name, `is not set, and ${exposure}`)
    }
    for (const name of [
      'SALESFORCE_WEBHOOK_SECRET',
      'CONVEYOR_WEBHOOK_SECRET_PREVIOUS',
      'SALESFORCE_TOKEN_ENCRYPTION_KEY',
    ] as const) {
      // Whoever uncomments all of .env.example would sign and seal with what everybody can read there.
      const { example } = factsOf(name, environmentSchema.shape[name])
      // Behind another key it only opens what it sealed before.
      if ([values[name]].flat()[0] === example) {
        report(name, `is the example of .env.example, and ${exposure}`)
      }
    }
  }

  if (values.CONVEYOR_SEAL_PAYLOADS && values.SALESFORCE_TOKEN_ENCRYPTION_KEY === null) {
    report(
      'SALESFORCE_TOKEN_ENCRYPTION_KEY',
      'is not set, and CONVEYOR_SEAL_PAYLOADS asks for payloads to be sealed with it',
    )
  }
  // Tests send to servers of their own.
  if (!values.CONVEYOR_ALLOW_PRIVATE_ADDRESSES) {
    for (const [name, form, example] of PLATFORM_URLS) {
      const url = values[name]
      if (url !== null && !form.test(url)) report(name, `does not have the form ${example}`)
    }
  }
  if (values.CONVEYOR_NOTIFICATION_WINDOW > values.CONVEYOR_NOTIFICATION_LONGEST_WINDOW) {
    report('CONVEYOR_NOTIFICATION_WINDOW', 'is longer than CONVEYOR_NOTIFICATION_LONGEST_WINDOW')
  }
  if (values.CONVEYOR_SESSION_IDLE > values.CONVEYOR_SESSION_LIFETIME) {
    report('CONVEYOR_SESSION_IDLE', 'is longer than CONVEYOR_SESSION_LIFETIME')
  }
  if (values.TEMPORAL_API_KEY !== null && values.TEMPORAL_TLS === false) {
    report('TEMPORAL_TLS', 'must not be false with TEMPORAL_API_KEY: the key would go in clear')
  }
  if (values.CONVEYOR_REQUIRE_HTTPS === true && values.CONVEYOR_TRUSTED_PROXIES === 0) {
    report('CONVEYOR_REQUIRE_HTTPS', 'needs CONVEYOR_TRUSTED_PROXIES: TLS ends at a proxy')
  }
  if (values.NODE_ENV === 'production') {
    if (values.CONVEYOR_ALLOW_PRIVATE_ADDRESSES) {
      report(
        'CONVEYOR_ALLOW_PRIVATE_ADDRESSES',
        'is taken only where NODE_ENV is test or development',
      )
    }
    if (values.CONVEYOR_FAILPOINT !== null) {
      report('CONVEYOR_FAILPOINT', 'is taken only where NODE_ENV is test or development')
    }
    if (values.CONVEYOR_ALLOW_ANY_LOGIN_HOST) {
      report('CONVEYOR_ALLOW_ANY_LOGIN_HOST', 'is taken only where NODE_ENV is test or development')
    }
  }
  return problems
}
