import { ROLE_SCOPES, type Scope } from '../contracts/access.ts'
import { DEFAULT_WORKSPACE_ID } from '../contracts/tenancy.ts'
import type { ApiKey } from '../db/api-keys.ts'

/** Who makes a request, and what they may do. */
export interface Caller {
  readonly workspaceId: string
  /** Null where nobody has to say who they are: a server that only its own machine reaches. */
  readonly keyId: string | null
  /** Null for a caller that shows its key; otherwise `keyId` is the key that the session was made of. */
  readonly sessionId: string | null
  readonly scopes: ReadonlySet<Scope>
}

/** Anybody on the machine itself, where the installation asks for no keys. */
export const LOCAL_CALLER: Caller = {
  workspaceId: DEFAULT_WORKSPACE_ID,
  keyId: null,
  sessionId: null,
  scopes: new Set(ROLE_SCOPES.admin),
}

/** A key may have less than its role, never more. */
export function callerOf(key: ApiKey, sessionId: string | null = null): Caller {
  const ofRole = ROLE_SCOPES[key.role]
  const scopes =
    key.scopes === null ? ofRole : ofRole.filter((scope) => key.scopes?.includes(scope))
  return { workspaceId: key.workspaceId, keyId: key.keyId, sessionId, scopes: new Set(scopes) }
}
