/** Headers of an answer, names in lower case. */
export type IncomingHttpHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The first value of a header; null where it is absent. */
export function headerValue(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

const LONGEST_RETRY_AFTER_MS = 86_400_000

/** `Retry-After` as milliseconds from now, 0 to one day; null where it is absent or unreadable. */
export function readRetryAfterMs(
  headers: IncomingHttpHeaders,
  now: number = Date.now(),
): number | null {
  const text = headerValue(headers, 'retry-after')?.trim()
  if (!text) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS)
}
