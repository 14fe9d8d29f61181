/** What `--help` prints. */
export const HELP = `A Salesforce org in one process: OAuth, REST, SOQL, Bulk API 2.0, pushes and faults.

  npm run simulator -- [options]
  npm run simulator -- generate --database <file> …     makes a large org: see DATA-MODEL.md

  --port <number>      port to listen on, 0 for any free one      SIMULATOR_PORT      5059
  --host <address>     address to listen on                       SIMULATOR_HOST      127.0.0.1
  --url <address>      address that callers reach it at           SIMULATOR_URL       where it listens
  --database <file>    file that keeps the org over restarts      SIMULATOR_DATABASE  :memory:
  --help               this text

Options win over variables. SIMULATOR_CLIENT_ID, SIMULATOR_CLIENT_SECRET, SIMULATOR_REFRESH_TOKEN and
SIMULATOR_REDIRECT_URIS set what a new org accepts, SIMULATOR_SEED and SIMULATOR_SCHEMA what it holds.
All else is in simulator/README.md.`

export interface BannerOptions {
  readonly url: string
  readonly clientId: string
  /** A secret that somebody chose is not shown. */
  readonly hasDefaultSecret: boolean
  readonly database: string
}

/** What a started simulator says of itself: where it is, and how clients are pointed at it. */
export function banner({ url, clientId, hasDefaultSecret, database }: BannerOptions): string {
  const secret = hasDefaultSecret ? 'simulator-secret' : '$SIMULATOR_CLIENT_SECRET'
  const token = `curl -s ${url}/services/oauth2/token -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${secret}`
  return `
  page          ${url}/
  login URL     ${url}
  client id     ${clientId}
  secret        ${hasDefaultSecret ? secret : 'as set in SIMULATOR_CLIENT_SECRET'}
  data          ${database === ':memory:' ? 'ends with this process' : database}

  An access token
    ${token}

  jsforce
    new Connection({ instanceUrl: '${url}', accessToken })

  Salesforce CLI
    SF_ACCESS_TOKEN=<token> sf org login access-token --instance-url ${url} --no-prompt --alias simulator
    sf data query --target-org simulator --query "SELECT Id, Name FROM Account"

  Push changes to a receiver, and make things fail: ${url}/page/pushes, ${url}/page/faults
  Ctrl-C stops it.
`
}
