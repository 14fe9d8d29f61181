import { ConfigError, EXIT_CONFIG, loadConfig } from '../config/environment.ts'
import { MigrationError, migrate } from './migrate.ts'

try {
  const applied = await migrate(loadConfig(process.env).database.url)
  process.stdout.write(
    applied.length === 0 ? 'Schema is up to date.\n' : `Applied ${applied.join(', ')}.\n`,
  )
} catch (error) {
  // Both say what is wrong and what to do; anything else is a defect and keeps its stack.
  if (!(error instanceof ConfigError) && !(error instanceof MigrationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1
}
