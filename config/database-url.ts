import type { ConfigProblem } from './config-error.ts'

export interface DatabaseSettings {
  readonly DATABASE_URL: string | null
  readonly DB_HOST: string | null
  readonly DB_PORT: number | null
  readonly DB_NAME: string | null
  readonly DB_USER: string | null
  readonly DB_PASSWORD: string | null
}

const PARTS = ['DB_HOST', 'DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD'] as const
const DEFAULT_PORT = 5432

/** One connection address from either way of writing it; both at once could name two databases. */
export function resolveDatabaseUrl(settings: DatabaseSettings): {
  readonly url: string
  readonly problems: readonly ConfigProblem[]
} {
  const set = PARTS.filter((name) => settings[name] !== null)
  if (settings.DATABASE_URL !== null) {
    return {
      url: settings.DATABASE_URL,
      problems: set.map((name) => ({ name, reason: 'must not be set together with DATABASE_URL' })),
    }
  }
  if (set.length === 0) {
    return {
      url: '',
      problems: [
        {
          name: 'DATABASE_URL',
          reason: 'is not set, and neither are DB_HOST, DB_NAME and DB_USER',
        },
      ],
    }
  }
  const missing = (['DB_HOST', 'DB_NAME', 'DB_USER'] as const).filter(
    (name) => settings[name] === null,
  )
  return {
    url: compose(settings),
    problems: missing.map((name) => ({ name, reason: `is not set, and ${set.join(', ')} is` })),
  }
}

function compose(settings: DatabaseSettings): string {
  const { DB_HOST, DB_NAME, DB_USER, DB_PASSWORD } = settings
  const password = DB_PASSWORD === null ? '' : `:${encodeURIComponent(DB_PASSWORD)}`
  const user = `${encodeURIComponent(DB_USER ?? '')}${password}`
  const port = settings.DB_PORT ?? DEFAULT_PORT
  const database = encodeURIComponent(DB_NAME ?? '')
  const host = DB_HOST ?? ''
  // An IPv6 address stands in brackets in an address; a socket's folder is a parameter.
  if (host.startsWith('/')) {
    return `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  }
  return `postgresql://${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
}
