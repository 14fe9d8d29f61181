import type { AddressRules } from './address-rules.ts'
import { type CheckedUrl, checkCallbackUrl } from './callback-url.ts'

type Platform = 'slack' | 'discord'

const FORMS: Readonly<
  Record<
    Platform,
    { readonly hosts: readonly string[]; readonly path: RegExp; readonly form: string }
  >
> = {
  slack: {
    hosts: ['hooks.slack.com', 'hooks.slack-gov.com'],
    path: /^\/services\/\w+\/\w+\/\w+$/,
    form: 'https://hooks.slack.com/services/T…/B…/…',
  },
  discord: {
    hosts: ['discord.com', 'discordapp.com'],
    path: /^\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/,
    form: 'https://discord.com/api/webhooks/…/…',
  },
}

export type CheckedPlatformUrl =
  | Extract<CheckedUrl, { ok: true }>
  | { readonly ok: false; readonly message: string }

/**
 * Whether a URL is an incoming webhook of the platform. Where private addresses are allowed, which is for development,
 * any other that may be called is taken too. What it says holds nothing of the URL: whoever knows it can post there.
 */
export function checkPlatformUrl(
  platform: Platform,
  text: string,
  rules: AddressRules,
): CheckedPlatformUrl {
  const checked = checkCallbackUrl(text, rules)
  if (!checked.ok) return { ok: false, message: checked.message }
  const { hosts, path, form } = FORMS[platform]
  const { url } = checked
  const isPlatforms =
    url.protocol === 'https:' &&
    url.port === '' &&
    hosts.includes(url.hostname) &&
    path.test(url.pathname)
  if (isPlatforms || rules.allowsLocalNames) return checked
  return { ok: false, message: `The URL must have the form ${form}, as the platform gives it.` }
}

/** What people may see of it: its host and last four characters. */
export function platformUrlHint(url: URL): string {
  return `${url.host}/…${url.pathname.slice(-4)}`
}
