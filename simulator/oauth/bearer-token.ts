import type { OrgContext } from '../http/org-context.ts'

/** The access token of a call's Authorization header. */
export function bearerToken(c: OrgContext): string | null {
  const [scheme = '', token = ''] = (c.req.header('authorization') ?? '').split(' ')
  return /^(bearer|oauth)$/i.test(scheme) && token !== '' ? token : null
}
