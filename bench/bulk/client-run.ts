import { z } from 'zod'

/** What a client process is told, as JSON in its last argument. */
export const clientTaskSchema = z.object({
  orgUrl: z.url(),
  clientId: z.string(),
  clientSecret: z.string(),
  apiVersion: z.string(),
  csv: z.string(),
  /** Where result files go. */
  directory: z.string(),
  maxRows: z.int().positive(),
  maxBytes: z.int().positive(),
  /** Upstream jobs at once. */
  lanes: z.int().positive(),
})
export type ClientTask = z.infer<typeof clientTaskSchema>

/** What a client process prints as its last line. */
export const clientRunSchema = z.object({
  /** From the first byte read to the last result on disk. */
  wallMs: z.number(),
  jobs: z.int(),
  successful: z.int(),
  failed: z.int(),
  unprocessed: z.int(),
  peakRssBytes: z.number(),
  cpuMs: z.number(),
})
export type ClientRun = z.infer<typeof clientRunSchema>

/** The process's own use so far. */
export function ownUse(): Pick<ClientRun, 'peakRssBytes' | 'cpuMs'> {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  return { peakRssBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }
}
