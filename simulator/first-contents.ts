import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type SchemaFileInput, schemaFileSchema } from './schema/custom-schema.ts'
import { demoSeed } from './seed/demo-seed.ts'
import type { SeedRecord } from './seed/seed-record.ts'

/** What a new org has from its start. */
export interface FirstContents {
  readonly records?: () => Iterable<SeedRecord>
  readonly schema?: SchemaFileInput
}

const environmentSchema = z.object({
  SIMULATOR_SEED: z.enum(['none', 'demo']).default('none'),
  SIMULATOR_SCHEMA: z.string().optional(),
})

/** Reads `SIMULATOR_SEED` and the file of `SIMULATOR_SCHEMA`. Throws an Error that says what is wrong. */
export function firstContents(environment: NodeJS.ProcessEnv): FirstContents {
  const parsed = environmentSchema.safeParse(environment)
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const { SIMULATOR_SEED: seed, SIMULATOR_SCHEMA: file } = parsed.data
  return {
    ...(seed === 'demo' ? { records: () => demoSeed() } : {}),
    ...(file === undefined || file === '' ? {} : { schema: readSchema(file) }),
  }
}

function readSchema(file: string): SchemaFileInput {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`SIMULATOR_SCHEMA: ${file}: ${error instanceof Error ? error.message : error}`)
  }
  const parsed = schemaFileSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new Error(`SIMULATOR_SCHEMA: ${file}:\n${z.prettifyError(parsed.error)}`)
}
