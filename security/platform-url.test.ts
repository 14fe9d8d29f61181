import { expect, test } from 'vitest'
import { PRIVATE_TOO, PUBLIC_ONLY } from './address-rules.ts'
import { checkPlatformUrl, platformUrlHint } from './platform-url.ts'

test.each([
  ['slack', 'https://hooks.slack.com/services/T000/B000/abcDEF123'],
  ['slack', 'https://hooks.slack-gov.com/services/T000/B000/abcDEF123'],
  ['discord', 'https://discord.com/api/webhooks/123/ab-c_D'],
  ['discord', 'https://discordapp.com/api/v10/webhooks/123/abcD?thread_id=5'],
] as const)('%s: %s is taken', (platform, text) => {
  expect(checkPlatformUrl(platform, text, PUBLIC_ONLY)).toMatchObject({ ok: true })
})

test.each([
  ['slack', 'https://discord.com/api/webhooks/123/abc'],
  ['slack', 'http://hooks.slack.com/services/T/B/x'],
  ['slack', 'https://hooks.slack.com.evil.example/services/T/B/x'],
  ['slack', 'https://evil.example/hooks.slack.com/services/T/B/x'],
  ['slack', 'https://user@hooks.slack.com/services/T/B/x'],
  ['slack', 'https://hooks.slack.com:8443/services/T/B/x'],
  ['slack', 'https://hooks.slack.com/triggers/T/B/x'],
  ['slack', 'https://hooks.slack.com./services/T/B/x'],
  ['discord', 'https://discord.com/api/webhooks/123/abc/slack'],
  ['discord', 'https://discord.com/channels/123/456'],
  ['discord', 'https://127.0.0.1/api/webhooks/123/abc'],
  ['discord', 'not a URL'],
] as const)('%s: %s is not, and the message holds nothing of it', (platform, text) => {
  const checked = checkPlatformUrl(platform, text, PUBLIC_ONLY)
  if (checked.ok) throw new Error('It was taken.')
  expect(checked.message).toMatch(/must|is not/)
  expect(checked.message).not.toMatch(/abc|evil|user@|123|8443/)
})

test('for development any other is taken that may be called', () => {
  const text = 'http://127.0.0.1:4000/services/x'
  expect(checkPlatformUrl('slack', text, PRIVATE_TOO)).toMatchObject({ ok: true })
  expect(checkPlatformUrl('slack', 'ftp://127.0.0.1/', PRIVATE_TOO)).toMatchObject({ ok: false })
})

test('people see the host and the end', () => {
  const url = new URL('https://hooks.slack.com/services/T000/B000/secretABCD')
  expect(platformUrlHint(url)).toBe('hooks.slack.com/…ABCD')
})
