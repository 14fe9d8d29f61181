import type { RollupMetric } from '../contracts/rollup.ts'
import type { Database } from '../db/database.ts'
import type { ApiKeyEnvironment } from '../security/api-key.ts'
import type { ReEncryption } from '../temporal/re-encryption.ts'
import type { RollupRange } from '../temporal/rollup-range.ts'

/** What a command works with. */
export interface CommandContext {
  readonly database: Database
  readonly keyEnvironment: ApiKeyEnvironment
  /** Ids of the encryption keys, the newest first. */
  readonly sealingKeyIds: readonly string[]
  /** Connects at the first call, and is closed with the command. */
  openReEncryption(): Promise<ReEncryption>
  /** As `openReEncryption`. */
  openRollupRange(metric: RollupMetric): Promise<RollupRange>
  /** A line of the result, on standard output. */
  print(line: string): void
  /** A line for the person, on standard error. */
  note(line: string): void
}
