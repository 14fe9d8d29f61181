import { createHash } from 'node:crypto'
import { ApiError } from '../http/api-error.ts'
import type { RestAnswer, RestCall } from './resource.ts'

/** The state that a conditional header is compared with. */
export interface Stand {
  /** Milliseconds since 1970. */
  readonly modified: number
  /** `null` for resources that Salesforce gives no ETag. */
  readonly etag: string | null
}

/** A tag that changes with any of its parts. */
export function makeEtag(...parts: readonly (string | number)[]): string {
  return `"${createHash('sha1').update(parts.join(':')).digest('hex').slice(0, 8)}"`
}

/** The headers that name a stand; only what has an ETag is given a date too. */
export function standHeaders({ modified, etag }: Stand): Record<string, string> {
  if (etag === null) return {}
  return { ETag: etag, 'Last-Modified': new Date(wholeSeconds(modified)).toUTCString() }
}

/** Throws ApiError 412 where the caller wants to act on another stand than the present one. */
export function checkPreconditions(call: RestCall, { modified, etag }: Stand): void {
  const unmodified = dateOf(call, 'If-Unmodified-Since')
  const match = call.header('If-Match')
  const isOther = match !== null && etag !== null && !names(match, etag)
  if (isOther || (unmodified !== null && wholeSeconds(modified) > unmodified)) {
    throw new ApiError(
      412,
      'PRECONDITION_FAILED',
      'The record or resource was changed since the state that the request names',
    )
  }
}

/** 304 where the caller has the present stand already, else `null`. Throws ApiError 412. */
export function notModified(call: RestCall, stand: Stand): RestAnswer | null {
  checkPreconditions(call, stand)
  const since = dateOf(call, 'If-Modified-Since')
  const noneMatch = call.header('If-None-Match')
  const isKnown =
    noneMatch !== null && stand.etag !== null
      ? names(noneMatch, stand.etag)
      : since !== null && since >= wholeSeconds(stand.modified)
  return isKnown ? { status: 304, headers: standHeaders(stand) } : null
}

function names(header: string, etag: string): boolean {
  const bare = (tag: string): string =>
    tag
      .trim()
      .replace(/^W\//, '')
      // Salesforce marks the tags of compressed answers so.
      .replace(/--gzip"$/, '"')
  return header.split(',').some((tag) => tag.trim() === '*' || bare(tag) === etag)
}

/** HTTP dates have whole seconds. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}

/** A header that is no date counts as not sent. */
function dateOf(call: RestCall, name: string): number | null {
  const at = Date.parse(call.header(name) ?? '')
  return Number.isNaN(at) ? null : at
}
