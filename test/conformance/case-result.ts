/** A client that others wrote, by the name that `--client` takes. */
export type ClientName = 'jsforce' | 'sf' | 'simple-salesforce'

export const CLIENT_NAMES: readonly ClientName[] = ['jsforce', 'sf', 'simple-salesforce']

/** What became of one case of a client. `skipped`: the client's own authors switched it off. */
export type Outcome = 'passed' | 'failed' | 'skipped'

export interface CaseResult {
  readonly suite: string
  readonly name: string
  readonly outcome: Outcome
  /** Why it failed, as the client said it; empty otherwise. */
  readonly detail: string
}

/** A client with its version, and what it found. */
export interface ClientRun {
  readonly client: ClientName
  /** Which version, and whose cases: the client's own or ours. */
  readonly title: string
  readonly cases: readonly CaseResult[]
}
