import { loadConfig } from '../config/environment.ts'
import { migrate } from './migrate.ts'

const applied = await migrate(loadConfig(process.env).database.url)
process.stdout.write(
  applied.length === 0 ? 'Schema is up to date.\n' : `Applied ${applied.join(', ')}.\n`,
)
