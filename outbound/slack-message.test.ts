import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Notice } from './notice.ts'
import { anyNotice, statedMore } from './notice-fixture.ts'
import {
  type SlackBlock,
  type SlackMessage,
  slackMessage,
  slackPlainMessage,
} from './slack-message.ts'

const at = new Date('2026-11-26T12:30:05Z')
const line = (title: string, text = '') => ({ severity: 'info' as const, title, text, at })
const notice = (facts: Partial<Notice>): Notice => ({
  ...{ title: '1 event', lines: [line('Account updated', '001')], more: 0, link: null },
  ...facts,
})

function textsOf(blocks: readonly SlackBlock[]): string[] {
  return blocks.map((block) =>
    block.type === 'context' ? block.elements[0].text : block.text.text,
  )
}

/** What Slack documents, and the hidden total. */
function requireLimits(message: SlackMessage): void {
  const blocks = message.blocks ?? []
  const texts = textsOf(blocks)
  expect(blocks.length).toBeLessThanOrEqual(50)
  for (const text of texts) {
    expect(text.length).toBeGreaterThan(0)
    expect(text.length).toBeLessThanOrEqual(3_000)
  }
  for (const block of blocks) {
    if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150)
  }
  expect(message.text.length).toBeGreaterThan(0)
  expect(message.text.length).toBeLessThanOrEqual(4_000)
  const total = texts.reduce((sum, text) => sum + text.length, message.text.length)
  expect(total).toBeLessThanOrEqual(12_000)
}

/** Nothing but our own links, and no entity that was cut. */
function requireEscaped(texts: readonly string[]): void {
  for (const text of texts) {
    const own = text.replace(/<https?:\/\/[^<>|\s]+\|and [\d,]+ more>/g, '')
    expect(own).not.toMatch(/[<>]/)
    expect(own.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
    expect(text.isWellFormed()).toBe(true)
  }
}

test('what a message looks like', () => {
  const message = slackMessage(
    notice({ title: '3 events', more: 2, link: 'https://c.example/v1/x?a=1&b=2' }),
  )
  expect(message).toEqual({
    text: '3 events\nℹ️ *Account updated* 001 · 12:30:05 UTC',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: '3 events', emoji: false } },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'ℹ️ *Account updated* 001 · 12:30:05 UTC', verbatim: true },
      },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: '<https://c.example/v1/x?a=1&amp;b=2|and 2 more>',
            verbatim: true,
          },
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  })
})

test('mentions and links in names are text', () => {
  const { blocks } = slackMessage(notice({ lines: [line('<!channel>', 'A & B <https://x|y>')] }))
  expect(textsOf(blocks ?? [])[1]).toContain('*&lt;!channel&gt;* A &amp; B &lt;https://x|y&gt;')
})

test('what would be formatting in names and reasons is text', () => {
  const said = line('*b* _i_ ~s~ `c`', '_a *b* ```x``` *c* __d__ e_')
  for (const { text, blocks } of [
    slackMessage(notice({ lines: [said] })),
    slackPlainMessage(notice({ lines: [said] })),
  ]) {
    for (const shown of [text, ...textsOf(blocks ?? []).slice(1)]) {
      // Our own, around the title.
      expect(shown.match(/[*_~`]/g)).toEqual(['*', '*'])
      expect(shown).toContain('ℹ️ *∗b∗ ˍiˍ ∼s∼ ˋcˋ* ˍa ∗b∗ ˋˋˋxˋˋˋ ∗c∗ ˍˍdˍˍ eˍ · ')
    }
  }
})

test('names of objects and fields stay as they are, to be copied', () => {
  const { blocks } = slackMessage(notice({ lines: [line('ns__Order__c updated', 'My_Field__c')] }))
  expect(textsOf(blocks ?? [])[1]).toContain('*ns__Order__c updated* My_Field__c ')
})

test('long lines take more than one section, and none is cut off', () => {
  const lines = Array.from({ length: 20 }, (_, index) => line(`Line ${index}`, 'x'.repeat(400)))
  const message = slackMessage(notice({ lines }))
  requireLimits(message)
  const texts = textsOf(message.blocks ?? []).slice(1)
  expect(texts.length).toBeGreaterThan(2)
  expect(texts.join('\n').match(/Line \d+/g)).toHaveLength(20)
  expect(statedMore(texts)).toBe(0)
})

test('no input breaks a limit, and none is lost from the count', () => {
  fc.assert(
    fc.property(anyNotice, (any) => {
      const message = slackMessage(any)
      requireLimits(message)
      const texts = textsOf(message.blocks ?? [])
      requireEscaped([...texts, message.text])
      const shown =
        texts
          .slice(1)
          .join('\n')
          .match(/· .{8} UTC$/gm)?.length ?? 0
      expect(shown + statedMore(texts.slice(-1))).toBe(any.lines.length + any.more)
    }),
  )
})

test('nor does the plain form', () => {
  fc.assert(
    fc.property(anyNotice, (any) => {
      const message = slackPlainMessage(any)
      expect(message.blocks).toBeUndefined()
      requireLimits(message)
      requireEscaped([message.text])
      const shown = message.text
        .split('\n')
        .slice(1)
        .filter((each) => / UTC$/.test(each)).length
      expect(shown + statedMore(message.text.split('\n').slice(-1))).toBe(
        any.lines.length + any.more,
      )
    }),
  )
})
