import { createHmac } from 'node:crypto'
import type { Webhook } from './subscription.ts'

/**
 * The text of a body that is signed: the body itself, or its JSON with sorted keys, compact or with
 * Python's separators and ASCII escapes, for receivers that verify what they parsed.
 */
export function signedForm(body: string, form: Webhook['form']): string {
  switch (form) {
    case 'raw':
      return body
    case 'sorted':
      return sortedJson(JSON.parse(body), ',', ':')
    case 'python':
      return sortedJson(JSON.parse(body), ', ', ': ').replace(
        /[\u007F-\uFFFF]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
  }
}

function sortedJson(value: unknown, comma: string, colon: string): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => sortedJson(item, comma, colon)).join(comma)}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries
    .map(([key, item]) => JSON.stringify(key) + colon + sortedJson(item, comma, colon))
    .join(comma)}}`
}

/** HMAC-SHA256 over timestamp, dot and form. */
export function signature(webhook: Webhook, timestamp: string, body: string): string {
  return createHmac('sha256', webhook.secret)
    .update(`${timestamp}.${signedForm(body, webhook.form)}`)
    .digest(webhook.encoding)
}
