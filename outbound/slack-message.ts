import { countFitting, fitText } from './fit-text.ts'
import { moreText, type Notice, type NoticeLine, SEVERITY_SIGNS, usableLink } from './notice.ts'

/** What an incoming webhook of Slack takes. Its limits: docs/webhooks/notifications.md. */
export interface SlackMessage {
  /** Shown in notifications, and where blocks cannot be. */
  readonly text: string
  readonly blocks?: readonly SlackBlock[]
  readonly unfurl_links: false
  readonly unfurl_media: false
}

export type SlackBlock =
  | {
      readonly type: 'header'
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false }
    }
  | { readonly type: 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly [SlackText] }

interface SlackText {
  readonly type: 'mrkdwn'
  readonly text: string
  /** No links and no mentions of what only looks like them. */
  readonly verbatim: true
}

const HEADER = 150
/** Of the 3,000 that a section may have. */
const SECTION = 2_800
/** Of all blocks: Slack refuses about 13,200, below all that it documents. */
const BLOCKS = 11_000
/** Of `text` beside blocks, which together stay under 12,000. */
const SUMMARY = 900
/** Of `text` alone: Slack splits longer ones. */
const PLAIN = 3_900
const LINE_TITLE = 120
const LINE_TEXT = 500

/** A notice with Slack's blocks. Lines that do not fit are counted in what it says of more. */
export function slackMessage(notice: Notice): SlackMessage {
  const title = titleOf(notice)
  const lines = notice.lines.map(lineOf)
  const reserved = footerOf(notice, notice.lines.length).length
  const sections: string[] = []
  let left = BLOCKS - title.length - reserved
  let shown = 0
  while (shown < lines.length) {
    const rest = lines.slice(shown)
    const count = countFitting(rest, Math.min(SECTION, left))
    if (count === 0) break
    const section = rest.slice(0, count).join('\n')
    sections.push(section)
    left -= section.length
    shown += count
  }
  const footer = footerOf(notice, lines.length - shown)
  return {
    text: summaryOf(notice, title, lines),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      ...sections.map((text) => ({ type: 'section', text: mrkdwn(text) }) as const),
      ...(footer === '' ? [] : [{ type: 'context', elements: [mrkdwn(footer)] } as const]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}

/** The same without blocks, for a platform that refused those. */
export function slackPlainMessage(notice: Notice): SlackMessage {
  const title = titleOf(notice)
  const lines = notice.lines.map(lineOf)
  const reserved = footerOf(notice, lines.length).length + 1
  const shown = countFitting(lines, PLAIN - title.length - 1 - reserved)
  const footer = footerOf(notice, lines.length - shown)
  const parts = [title, ...lines.slice(0, shown), ...(footer === '' ? [] : [footer])]
  return { text: parts.join('\n'), unfurl_links: false, unfurl_media: false }
}

function summaryOf(notice: Notice, title: string, lines: readonly string[]): string {
  const first = lines[0]
  if (first === undefined || title.length + first.length + 1 > SUMMARY) return title
  return notice.lines.length === 1 ? `${title}\n${first}` : title
}

function titleOf({ title }: Notice): string {
  return fitText(plain(title), HEADER, escapeSlack) || 'Conveyor'
}

function lineOf({ severity, title, text, at }: NoticeLine): string {
  const head = fitText(plain(title), LINE_TITLE, escapeSlack) || '?'
  const rest = fitText(plain(text), LINE_TEXT, escapeSlack)
  return `${SEVERITY_SIGNS[severity]} *${head}* ${rest} · ${at.toISOString().slice(11, 19)} UTC`
}

/** Empty where all is shown. */
function footerOf({ more, link }: Notice, dropped: number): string {
  if (more + dropped === 0) return ''
  const text = moreText(more + dropped)
  const usable = usableLink(link)
  if (usable === null) return text
  // A bar would end the address.
  const address = [...usable.replaceAll('|', '%7C')].map(escapeSlack).join('')
  return `<${address}|${text}>`
}

function mrkdwn(text: string): SlackText {
  return { type: 'mrkdwn', text, verbatim: true }
}

/**
 * Text of others without what Slack takes for formatting. Nothing escapes it there, so each sign becomes one that looks
 * like it, and lengths stay. A low line between letters or digits formats nothing: names of fields can be copied.
 */
function plain(text: string): string {
  return text
    .replaceAll(/[*~`]/g, (sign) => LOOK_ALIKES[sign] ?? '')
    .replaceAll(/(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])/g, (run) => '\u02CD'.repeat(run.length))
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  ...{ '*': '\u2217', '~': '\u223C', '`': '\u02CB' },
}

/** What would otherwise begin a mention, a link or an entity. */
function escapeSlack(character: string): string {
  switch (character) {
    case '&':
      return '&amp;'
    case '<':
      return '&lt;'
    case '>':
      return '&gt;'
    default:
      return character
  }
}
