import type { OrgContext } from './org-context.ts'

/** The access token of a call; `null` where it has none. */
export function bearerToken(c: OrgContext): string | null {
  const [scheme = '', token = ''] = (c.req.header('authorization') ?? '').split(' ')
  return /^(bearer|oauth)$/i.test(scheme) && token !== '' ? token : null
}
