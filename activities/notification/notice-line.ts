import { OWN_EVENT_TYPES } from '../../contracts/event-types.ts'
import { SEVERITIES } from '../../contracts/severity.ts'
import type { NotificationItem } from '../../db/notification-items.ts'
import type { NoticeLine } from '../../outbound/notice.ts'

const OWN: ReadonlySet<string> = new Set(OWN_EVENT_TYPES)

/** The line that tells of one event. */
export function noticeLine(item: NotificationItem): NoticeLine {
  const { eventType, objectType, objectId, facts, occurredAt } = item
  const severity = SEVERITIES[item.severity] ?? 'info'
  if (!OWN.has(eventType)) {
    const change = eventType.slice(eventType.lastIndexOf('.') + 1)
    return {
      ...{ severity, at: occurredAt, title: `${objectType} ${change}` },
      text: join([objectId, fieldsOf(facts)], ': '),
    }
  }
  const [subject = '', what = ''] = eventType.split('.')
  return {
    ...{ severity, at: occurredAt, title: sentence(`${subject} ${what}`) },
    text: ownText(subject, item),
  }
}

/** `Name, Phone and 3 more fields`. */
function fieldsOf(facts: NotificationItem['facts']): string {
  const { changed_fields: fields, changed_count: count } = facts
  if (!Array.isArray(fields) || typeof count !== 'number') return ''
  const more = count - fields.length
  const names = fields.filter((name) => typeof name === 'string').join(', ')
  return more > 0 ? `${names} and ${more} more fields` : names
}

function ownText(subject: string, { objectId, facts }: NotificationItem): string {
  const reason = textOf(facts['reason'])
  if (subject === 'bulk_job') {
    const what = join([textOf(facts['operation']), textOf(facts['object'])], ' ')
    // Reasons of jobs are words of ours, such as `quota_exhausted`.
    const said = [join([what, countsOf(facts['counts'])], ', '), reason.replaceAll('_', ' ')]
    return join([join(said, ': '), `(${objectId})`], ' ')
  }
  const kind = textOf(facts['kind'])
  const name = textOf(facts['name']) || textOf(facts['host']) || objectId
  const status = facts['last_status']
  const last = join(
    [textOf(facts['last_error']), typeof status === 'number' ? `${status}` : ''],
    ' ',
  )
  return join([join([name, kind === '' ? '' : `(${kind})`], ' '), reason || last], ': ')
}

function join(parts: readonly string[], between: string): string {
  return parts.filter((part) => part !== '').join(between)
}

/** `1,000 rows: 990 succeeded, 10 failed`. */
function countsOf(counts: unknown): string {
  if (typeof counts !== 'object' || counts === null) return ''
  // Our own figures, by name.
  const figures = counts as Readonly<Record<string, unknown>>
  const number = (name: string) => (typeof figures[name] === 'number' ? figures[name] : 0)
  const parts = [
    ...[[number('success'), 'succeeded'] as const, [number('failed'), 'failed'] as const],
    ...[[number('unprocessed'), 'unprocessed'] as const, [number('unknown'), 'unknown'] as const],
  ].filter(([count]) => count > 0)
  const words = parts.map(([count, word]) => `${count.toLocaleString('en-US')} ${word}`)
  const rows = `${number('total').toLocaleString('en-US')} rows`
  return words.length === 0 ? rows : `${rows}: ${words.join(', ')}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function sentence(words: string): string {
  const plain = words.replaceAll('_', ' ')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}
