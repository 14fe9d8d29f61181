import type { Org } from '../http/org-context.ts'
import { ORG_ID } from '../org.ts'

/** The address that names a user in all OAuth answers. */
export function identityUrl(org: Org, userId: string): string {
  const { identityHost } = org.settings()
  const base = identityHost === null ? org.baseUrl() : `https://${identityHost}`
  return `${base}/id/${ORG_ID}/${userId}`
}
