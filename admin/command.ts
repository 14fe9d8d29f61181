import type { Database } from '../db/database.ts'
import type { ApiKeyEnvironment } from '../security/api-key.ts'

/** What a command works with. */
export interface CommandContext {
  readonly database: Database
  readonly keyEnvironment: ApiKeyEnvironment
  /** A line of the result, on standard output. */
  print(line: string): void
  /** A line for the person, on standard error. */
  note(line: string): void
}
