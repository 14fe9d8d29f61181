import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const serviceSchema = z.object({
  image: z.string(),
  profiles: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  restart: z.string(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  healthcheck: z.looseObject({}).optional(),
})

export type ComposeService = z.output<typeof serviceSchema>

/** The services of a compose file, merged and as written: variables still stand in their values. */
export function readComposeFile(file: string): Readonly<Record<string, ComposeService>> {
  const written: unknown = parse(readFileSync(file, 'utf8'), { merge: true })
  return z.object({ services: z.record(z.string(), serviceSchema) }).parse(written).services
}
