import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import {
  type ConnectionOfPath,
  type IntakeOfConnection,
  intakeSecretContext,
} from '../../db/webhook-intakes.ts'
import { hashIntakePath } from '../../security/webhook-intake-secret.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { createKeptLookups } from './kept-lookups.ts'

/** Where a webhook comes from: the org of a connection, and what it signs with. */
export interface IntakeSource extends ConnectionOfPath {
  /** The current ones, the newest first. */
  readonly secrets: readonly string[]
}

export interface IntakeSources {
  /** Null for a connection that does not exist. */
  ofConnection(connectionId: string): Promise<IntakeSource | null>
  /** Whether the connection was there before. It may be gone since. The environment's always is. */
  knowsConnection(connectionId: string): boolean
  /** Null for a path that nobody has. */
  ofPath(path: string): Promise<ConnectionOfPath | null>
  /** Whether the path was good here before. It may have been taken away since. */
  knowsPath(path: string): boolean
  /** Its secrets or paths were changed here: look them up anew. Other processes do so within seconds. */
  forget(): void
}

/** For so long a look-up counts, and a secret that was taken away still does in other processes. */
const KEPT = { ms: 5_000, found: 5_000, missing: 1_000 }
const MOST_KNOWN = 5_000

export function createIntakeSources(
  deps: Pick<ApiDependencies, 'database' | 'sealing' | 'settings'>,
): IntakeSources {
  const { system } = deps.database
  const connections = createKeptLookups(system.intakeOfConnection, KEPT)
  const paths = createKeptLookups(
    (hash) => system.connectionOfWebhookPath(Buffer.from(hash, 'hex')),
    KEPT,
  )
  const knownConnections = new Set([DEFAULT_CONNECTION_ID])
  /** Paths that were good, by their hash in hex. */
  const knownPaths = new Set<string>()

  function secretsOf(intake: IntakeOfConnection): readonly string[] {
    const { connectionId, secret, previousSecret, previousSecretExpiresAt: until } = intake
    const open = (column: 'secret' | 'previous_secret', sealed: Buffer | null) =>
      sealed === null
        ? []
        : [deps.sealing.openSecret(intakeSecretContext(connectionId, column), sealed).toString()]
    return [
      ...open('secret', secret),
      ...(until !== null && until.getTime() > Date.now()
        ? open('previous_secret', previousSecret)
        : []),
      ...(connectionId === DEFAULT_CONNECTION_ID ? deps.settings.webhooks.secrets : []),
    ]
  }

  return {
    async ofConnection(connectionId) {
      const intake = await connections.find(connectionId)
      if (intake === null) return null
      noteKnown(knownConnections, connectionId)
      const { workspaceId, organizationId } = intake
      return { connectionId, workspaceId, organizationId, secrets: secretsOf(intake) }
    },
    knowsConnection: (connectionId) => knownConnections.has(connectionId),
    async ofPath(path) {
      const hash = hashIntakePath(path).toString('hex')
      const found = await paths.find(hash)
      if (found !== null) noteKnown(knownPaths, hash)
      return found
    },
    knowsPath: (path) => knownPaths.has(hashIntakePath(path).toString('hex')),
    forget() {
      connections.forget()
      paths.forget()
    },
  }
}

function noteKnown(known: Set<string>, key: string): void {
  if (known.size < MOST_KNOWN) known.add(key)
}
