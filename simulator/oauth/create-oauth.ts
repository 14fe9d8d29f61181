import type { DatabaseSync } from 'node:sqlite'
import { ADMIN, USERNAME } from '../org.ts'
import type { Schema } from '../schema/schema.ts'
import { patientTransaction } from '../store/database.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { SessionStore } from '../store/session-store.ts'
import { type AppStore, createAppStore } from './app-store.ts'
import { type ApprovalStore, createApprovalStore } from './approval-store.ts'
import { clientAppSchema } from './client-app.ts'
import { type CodeStore, createCodeStore } from './code-store.ts'
import { createLoginRate, type LoginRate } from './login-rate.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'
import { createUserDirectory, type UserDirectory } from './user-directory.ts'

/** The app and the refresh token that an org starts with. */
export interface DefaultApp {
  readonly clientId: string
  readonly clientSecret: string
  /** A refresh token of the administrator, accepted by a new org. */
  readonly refreshToken: string
  /** Where the app's users may be sent back to; by default where the Salesforce CLI listens. */
  readonly redirectUris?: readonly string[]
}

const CLI_REDIRECT = 'http://localhost:1717/OauthRedirect'

/** The app of the Salesforce CLI, which every org knows. */
const CLI_APP = clientAppSchema.parse({
  clientId: 'PlatformCLI',
  name: 'Salesforce CLI',
  isPublic: true,
  redirectUris: [CLI_REDIRECT],
  scopes: ['api', 'web', 'refresh_token'],
})

/** Who may get tokens, and who has them. */
export interface Oauth {
  readonly apps: AppStore
  readonly approvals: ApprovalStore
  readonly codes: CodeStore
  readonly users: UserDirectory
  readonly logins: LoginRate
  readonly signingKey: SigningKey
  /** Approvals whose refresh is being processed. */
  readonly refreshing: Set<number>
  /** Ends an approval with its refresh tokens and sessions. Must run inside a transaction. */
  revoke(approval: number): void
  /** Makes the default app and its refresh token, where they are missing. Must run inside a transaction. */
  seed(): void
  /** Forgets everything but the signing key. Must run inside a transaction. */
  clear(): void
}

export function createOauth(
  database: DatabaseSync,
  schema: Schema,
  store: RecordStore,
  sessions: SessionStore,
  defaultApp: DefaultApp,
): Oauth {
  const now = (): number => Date.now()
  const apps = createAppStore(database)
  const approvals = createApprovalStore(database, now)
  const codes = createCodeStore(database, now)
  const logins = createLoginRate(now)
  const refreshing = new Set<number>()
  return {
    apps,
    approvals,
    codes,
    users: createUserDirectory(database, schema, store),
    logins,
    signingKey: createSigningKey(database, (work) => patientTransaction(database, work)),
    refreshing,
    revoke(approval) {
      approvals.remove(approval)
      sessions.closeApproval(approval)
    },
    seed() {
      const { clientId, clientSecret, refreshToken } = defaultApp
      apps.ensureDefault(
        clientAppSchema.parse({
          clientId,
          clientSecret,
          name: 'Simulator client',
          redirectUris: defaultApp.redirectUris ?? [CLI_REDIRECT],
          requireSecretForRefresh: false,
          scopes: ['id', 'api', 'web', 'full', 'openid', 'refresh_token'],
          clientCredentialsUser: USERNAME,
        }),
      )
      if (apps.get(CLI_APP.clientId) === null) apps.save(CLI_APP)
      if (approvals.knows(refreshToken)) return
      const { id } = approvals.add({
        clientId,
        userNumber: ADMIN,
        scopes: ['refresh_token', 'api'],
      })
      approvals.addRefreshToken(id, refreshToken)
    },
    clear() {
      for (const part of [apps, approvals, codes, logins]) part.clear()
      sessions.closeMany({})
    },
  }
}
