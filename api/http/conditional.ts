import { createHash } from 'node:crypto'
import type { ApiContext } from '../dependencies.ts'

/**
 * Answers with an entity tag and the age of what is told, or with 304 where the caller has the same already.
 * @param identity what makes two answers the same; the time at which it was found out is not part of it, so the tag is
 * a weak one
 */
export function answerConditionally(
  c: ApiContext,
  { identity, asOf }: { readonly identity: string; readonly asOf: Date },
  answer: () => Response,
): Response {
  const etag = `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`
  c.header('ETag', etag)
  c.header('Age', String(Math.max(0, Math.floor((Date.now() - asOf.getTime()) / 1_000))))
  // It may be kept, and is asked about each time: only the workspace's own callers may see it.
  c.header('Cache-Control', 'private, no-cache')
  if (matches(c.req.header('if-none-match'), etag)) return c.body(null, 304)
  return answer()
}

/** Weak comparison, as RFC 9110 has it for If-None-Match. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return header.split(',').some((tag) => opaque(tag) === opaque(etag))
}
