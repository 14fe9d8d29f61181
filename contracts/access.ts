/** What a key may do, one word each: `resource:action`. */
export const SCOPES = [
  'bulk:read',
  'bulk:write',
  'webhooks:read',
  'webhooks:write',
  'connections:read',
  'connections:write',
  'analytics:read',
  'metadata:read',
  'records:read',
  'admin:keys',
  'admin:audit',
  'admin:payloads',
  'admin:operations',
] as const
export type Scope = (typeof SCOPES)[number]

/** Named sets of scopes. A key has a role; the scopes it has by it may grow with a release, its name does not. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

const VIEWER = [
  'bulk:read',
  'webhooks:read',
  'connections:read',
  'analytics:read',
  'metadata:read',
] as const satisfies readonly Scope[]

export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: VIEWER,
  operator: [...VIEWER, 'bulk:write', 'webhooks:write', 'records:read'],
  admin: SCOPES,
}
