import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import {
  type ConnectionOfPath,
  type IntakeOfConnection,
  intakeSecretContext,
} from '../../db/webhook-intakes.ts'
import { hashIntakePath } from '../../security/webhook-intake-secret.ts'
import type { ApiDependencies } from '../dependencies.ts'

/** Where a webhook comes from: the org of a connection, and what it signs with. */
export interface IntakeSource extends ConnectionOfPath {
  /** The current ones, the newest first. */
  readonly secrets: readonly string[]
}

export interface IntakeSources {
  /** Null for a connection that does not exist. */
  ofConnection(connectionId: string): Promise<IntakeSource | null>
  /** Null for a path that nobody has. */
  ofPath(path: string): Promise<ConnectionOfPath | null>
  /** Whether the path was good here before. It may have been taken away since. */
  knowsPath(path: string): boolean
  /** Its secrets or paths were changed here: look them up anew. Other processes do so within seconds. */
  forget(): void
}

/** For so long a look-up counts, and a secret that was taken away still does in other processes. */
const KEPT_MS = 5_000
const MOST_KEPT = 5_000
const MOST_KNOWN = 5_000

export function createIntakeSources(
  deps: Pick<ApiDependencies, 'database' | 'sealing' | 'settings'>,
): IntakeSources {
  const { system } = deps.database
  const connections = createLookups(system.intakeOfConnection)
  const paths = createLookups((hash) => system.connectionOfWebhookPath(Buffer.from(hash, 'hex')))
  /** Paths that were good, by their hash in hex. */
  const known = new Set<string>()

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
      const { workspaceId, organizationId } = intake
      return { connectionId, workspaceId, organizationId, secrets: secretsOf(intake) }
    },
    async ofPath(path) {
      const hash = hashIntakePath(path).toString('hex')
      const found = await paths.find(hash)
      if (found !== null && known.size < MOST_KNOWN) known.add(hash)
      return found
    },
    knowsPath: (path) => known.has(hashIntakePath(path).toString('hex')),
    forget() {
      connections.forget()
      paths.forget()
    },
  }
}

/** Looks each key up at most once in a while, however many ask at once. */
function createLookups<T>(lookUp: (key: string) => Promise<T>) {
  const kept = new Map<string, { readonly found: Promise<T>; readonly until: number }>()

  return {
    find(key: string): Promise<T> {
      const known = kept.get(key)
      if (known !== undefined && known.until > performance.now()) return known.found
      const found = lookUp(key)
      kept.delete(key)
      kept.set(key, { found, until: performance.now() + KEPT_MS })
      const [oldest] = kept.keys()
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
      // A failure is no answer to keep.
      found.catch(() => kept.delete(key))
      return found
    },
    forget: () => kept.clear(),
  }
}
