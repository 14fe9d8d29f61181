import type { Severity } from '../contracts/severity.ts'
import { countFitting, fitText } from './fit-text.ts'
import { moreText, type Notice, type NoticeLine, SEVERITY_SIGNS, usableLink } from './notice.ts'

/** What a webhook of Discord takes. Its limits: docs/webhooks/notifications.md. */
export interface DiscordMessage {
  readonly content?: string
  readonly embeds?: readonly DiscordEmbed[]
  /** Nobody is called by what a record holds. */
  readonly allowed_mentions: { readonly parse: readonly [] }
}

export interface DiscordEmbed {
  readonly title?: string
  readonly description?: string
  readonly color: number
}

const CONTENT = 2_000
const TITLE = 256
const DESCRIPTION = 4_096
/** Of the 6,000 that all embeds of a message may have together. */
const EMBEDS = 5_900
const LINE_TITLE = 120
const LINE_TEXT = 500

const COLOURS: Readonly<Record<Severity, number>> = {
  info: 0x3b82f6,
  warning: 0xf59e0b,
  error: 0xdc2626,
  critical: 0x7f1d1d,
}

/** A notice with Discord's embeds. Lines that do not fit are counted in what it says of more. */
export function discordMessage(notice: Notice): DiscordMessage {
  const title = titleOf(notice)
  const color = COLOURS[mostSevere(notice)]
  const lines = notice.lines.map(lineOf)
  const reserved = moreOf(notice, lines.length).length + 1
  const descriptions: string[] = []
  let left = EMBEDS - title.length - reserved
  let shown = 0
  while (shown < lines.length) {
    const rest = lines.slice(shown)
    const count = countFitting(rest, Math.min(DESCRIPTION - reserved, left))
    if (count === 0) break
    const description = rest.slice(0, count).join('\n')
    descriptions.push(description)
    left -= description.length
    shown += count
  }
  const more = moreOf(notice, lines.length - shown)
  if (more !== '') descriptions.push([...descriptions.splice(-1), more].join('\n'))
  const [first = '', ...others] = descriptions
  return {
    embeds: [
      { title, ...(first === '' ? {} : { description: first }), color },
      ...others.map((description) => ({ description, color })),
    ],
    allowed_mentions: { parse: [] },
  }
}

/** The same without embeds, for a platform that refused those. */
export function discordPlainMessage(notice: Notice): DiscordMessage {
  const title = titleOf(notice)
  const lines = notice.lines.map(lineOf)
  const reserved = moreOf(notice, lines.length).length + 1
  const shown = countFitting(lines, CONTENT - title.length - 1 - reserved)
  const more = moreOf(notice, lines.length - shown)
  const parts = [title, ...lines.slice(0, shown), ...(more === '' ? [] : [more])]
  return { content: parts.join('\n'), allowed_mentions: { parse: [] } }
}

function mostSevere({ lines }: Notice): Severity {
  const found = (['critical', 'error', 'warning'] as const).find((severity) =>
    lines.some((line) => line.severity === severity),
  )
  return found ?? 'info'
}

function titleOf({ title }: Notice): string {
  return fitText(title, TITLE, escapeDiscord) || 'Conveyor'
}

function lineOf({ severity, title, text, at }: NoticeLine): string {
  const head = fitText(title, LINE_TITLE, escapeDiscord) || '?'
  const rest = fitText(text, LINE_TEXT, escapeDiscord)
  // Shown in the zone of whoever reads it.
  const seconds = Math.floor(at.getTime() / 1_000)
  return `${SEVERITY_SIGNS[severity]} **${head}** ${rest} · <t:${seconds}:T>`
}

/** Empty where all is shown. */
function moreOf({ more, link }: Notice, dropped: number): string {
  if (more + dropped === 0) return ''
  const text = moreText(more + dropped)
  const usable = usableLink(link)
  if (usable === null) return text
  // A bracket would end the address.
  const address = usable.replaceAll('(', '%28').replaceAll(')', '%29')
  return `[${text}](${address})`
}

/** Markdown, mentions, emoji and addresses: what has a meaning loses it. */
const SPECIAL = /[\\*_~`|>#\-[\]()<:+!]/
/** Between `@` and what follows, so that it is no mention even where those were allowed. */
const JOINER = '\u200b'

function escapeDiscord(character: string): string {
  if (character === '@') return `@${JOINER}`
  return SPECIAL.test(character) ? `\\${character}` : character
}
