import { z } from 'zod'

/** What `/livez` answers. */
export const LivenessSchema = z.object({ status: z.literal('alive') })

/** What `/readyz` answers, with 200 where it is ready and 503 otherwise. */
export const ReadinessSchema = z.object({
  status: z.enum(['ready', 'not_ready', 'draining']),
  checks: z.object({
    postgres: z.enum(['up', 'down']),
    temporal: z.enum(['up', 'down']),
    migrations: z.enum(['current', 'missing', 'unknown']),
  }),
})
export type ReadinessBody = z.infer<typeof ReadinessSchema>
