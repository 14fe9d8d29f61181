import type { Severity } from '../contracts/severity.ts'

/** What a message to people says, before it has the form of a platform. Its texts come from outside. */
export interface Notice {
  readonly title: string
  readonly lines: readonly NoticeLine[]
  /** How many more there are that no line tells of. */
  readonly more: number
  /** Where all of them can be read; null where nobody said how people reach it. */
  readonly link: string | null
}

export interface NoticeLine {
  readonly severity: Severity
  readonly title: string
  readonly text: string
  readonly at: Date
}

export const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = {
  info: 'ℹ️',
  warning: '⚠️',
  error: '🔴',
  critical: '🚨',
}

/** `and 4,980 more`. */
export function moreText(more: number): string {
  return `and ${more.toLocaleString('en-US')} more`
}

/** A link longer than this is left out: it must not take the place of what it leads to. */
const LONGEST_LINK = 500

/** A link that fits into any message; null where it does not. */
export function usableLink(link: string | null): string | null {
  const parsed = link === null ? null : URL.parse(link)
  return parsed !== null && parsed.href.length <= LONGEST_LINK ? parsed.href : null
}
