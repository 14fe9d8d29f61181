import type { IncomingHttpHeaders } from './http-headers.ts'

/** What is known of every answer, good or bad, as soon as its headers are there. */
export interface ApiAnswer {
  readonly method: string
  /** Without the query string: SOQL can hold personal data. */
  readonly path: string
  readonly httpStatus: number
  /** From the start of the call to the answer's headers, in milliseconds. */
  readonly durationMs: number
  /** Calls of the org in the current 24 hours; null where the answer does not say. */
  readonly apiUsage: { readonly used: number; readonly limit: number } | null
}

/** Awaited before the call goes on. Where it rejects, the call rejects with that error though it took place. */
export type AnswerListener = (answer: ApiAnswer) => Promise<void> | void

/**
 * Reads `Sforce-Limit-Info: api-usage=18/5000, per-app-api-usage=17/250(appName=x)`; newer orgs add
 * `api-bursts=…` (REST API Developer Guide, "Limit Info Header").
 */
export function readApiUsage(headers: IncomingHttpHeaders): ApiAnswer['apiUsage'] {
  const value = headers['sforce-limit-info']
  const text = Array.isArray(value) ? value.join(', ') : (value ?? '')
  // Anchored at a comma: `per-app-api-usage` ends in the same words.
  const match = /(?:^|[,;])\s*api-usage=(\d+)\/(\d+)/.exec(text)
  return match ? { used: Number(match[1]), limit: Number(match[2]) } : null
}
