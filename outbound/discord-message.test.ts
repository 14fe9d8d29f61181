import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DiscordMessage, discordMessage, discordPlainMessage } from './discord-message.ts'
import type { Notice } from './notice.ts'
import { anyNotice, statedMore } from './notice-fixture.ts'

const at = new Date('2026-11-26T12:30:05Z')
const line = (title: string, text = '') => ({ severity: 'info' as const, title, text, at })
const notice = (facts: Partial<Notice>): Notice => ({
  ...{ title: '1 event', lines: [line('Account updated', '001')], more: 0, link: null },
  ...facts,
})

function textsOf({ content, embeds }: DiscordMessage): string[] {
  const parts = (embeds ?? []).flatMap(({ title, description }) => [title, description])
  return [content, ...parts].filter((text) => text !== undefined)
}

function requireLimits(message: DiscordMessage): void {
  const embeds = message.embeds ?? []
  expect(message.content ?? embeds[0]?.title).toBeTruthy()
  expect(message.content?.length ?? 0).toBeLessThanOrEqual(2_000)
  expect(embeds.length).toBeLessThanOrEqual(10)
  let total = 0
  for (const { title, description } of embeds) {
    expect(title?.length ?? 0).toBeLessThanOrEqual(256)
    expect(description?.length ?? 0).toBeLessThanOrEqual(4_096)
    total += (title?.length ?? 0) + (description?.length ?? 0)
  }
  expect(total).toBeLessThanOrEqual(6_000)
  expect(message.allowed_mentions).toEqual({ parse: [] })
}

/** No mention, and no Markdown but our own. */
function requireEscaped(texts: readonly string[]): void {
  for (const text of texts) {
    const own = text
      .replace(/^(\S+) \*\*(.*)\*\* (.*) · <t:-?\d+:T>$/gm, '$1 $2 $3')
      .replace(/\[and [\d,]+ more\]\(https?:[^\s()]+\)$/, '')
    expect(own.replaceAll(/\\[\\*_~`|>#\-[\]()<:+!]/g, '')).not.toMatch(/[\\*_~`|>#[\]()<]/)
    expect(own).not.toMatch(/@(?!\u200b)/)
    expect(text.isWellFormed()).toBe(true)
  }
}

test('what a message looks like', () => {
  expect(
    discordMessage(notice({ title: '3 events', more: 2, link: 'https://c.example/x?(a)' })),
  ).toEqual({
    embeds: [
      {
        title: '3 events',
        description:
          'ℹ️ **Account updated** 001 · <t:1795696205:T>\n[and 2 more](https://c.example/x?%28a%29)',
        color: 0x3b82f6,
      },
    ],
    allowed_mentions: { parse: [] },
  })
})

test('the most severe line gives the colour', () => {
  const lines = [line('a'), { ...line('b'), severity: 'error' as const }]
  expect(discordMessage(notice({ lines })).embeds?.[0]?.color).toBe(0xdc2626)
})

test('mentions and Markdown in names are text', () => {
  const { embeds } = discordMessage(
    notice({ lines: [line('My_Object__c', '@everyone <@1> [a](b)')] }),
  )
  expect(embeds?.[0]?.description).toContain(
    '**My\\_Object\\_\\_c** @\u200beveryone \\<@\u200b1\\> \\[a\\]\\(b\\)',
  )
})

test('long lines take more than one embed', () => {
  const lines = Array.from({ length: 20 }, (_, index) => line(`Line ${index}`, 'x'.repeat(300)))
  const message = discordMessage(notice({ lines }))
  requireLimits(message)
  expect(message.embeds?.length).toBe(2)
  const shown =
    textsOf(message)
      .join('\n')
      .match(/Line \d+/g)?.length ?? 0
  expect(shown).toBeGreaterThan(12)
  expect(shown + statedMore(textsOf(message).slice(-1))).toBe(20)
})

test('no input breaks a limit, and none is lost from the count', () => {
  fc.assert(
    fc.property(anyNotice, (any) => {
      const message = discordMessage(any)
      requireLimits(message)
      const texts = textsOf(message)
      requireEscaped(texts)
      const shown =
        texts
          .slice(1)
          .join('\n')
          .match(/· <t:-?\d+:T>$/gm)?.length ?? 0
      const said = texts.slice(1).join('\n').split('\n').slice(-1)
      expect(shown + statedMore(said)).toBe(any.lines.length + any.more)
    }),
  )
})

test('nor does the plain form', () => {
  fc.assert(
    fc.property(anyNotice, (any) => {
      const message = discordPlainMessage(any)
      expect(message.embeds).toBeUndefined()
      requireLimits(message)
      requireEscaped(textsOf(message))
      const lines = (message.content ?? '').split('\n')
      const shown = lines.filter((each) => /· <t:-?\d+:T>$/.test(each)).length
      expect(shown + statedMore(lines.slice(-1))).toBe(any.lines.length + any.more)
    }),
  )
})
