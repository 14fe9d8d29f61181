import type { ClientRun } from './case-result.ts'
import type { RunningSimulator } from './running-simulator.ts'

/** What a client gets to run with. */
export interface ClientEnvironment {
  /** A fresh org of its own, prepared. */
  readonly simulator: RunningSimulator
  /** Empty, its own; removed after the run unless `--keep` was given. */
  readonly folder: string
  /** Installs, kept between runs. */
  readonly cache: string
  /** Tells the user what takes its time. */
  readonly say: (line: string) => void
}

/** Runs all cases of one client. Rejects when the client cannot be installed or started. */
export type RunClient = (environment: ClientEnvironment) => Promise<ClientRun>
