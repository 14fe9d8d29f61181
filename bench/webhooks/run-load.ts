import { z } from 'zod'
import { startHelper } from './helper-process.ts'
import { type Spread, spreadOf } from './spread.ts'

const SCRIPT = new URL('load-process.ts', import.meta.url)

export const loadTaskSchema = z.object({
  origin: z.url(),
  secret: z.string(),
  /** Webhooks a second, one record each. */
  rate: z.number().positive(),
  seconds: z.number().positive(),
  /** Taken in turn. */
  objectTypes: z.array(z.string()),
})
export type LoadTask = z.infer<typeof loadTaskSchema>

const sampleSchema = z.tuple([z.string().nullable(), z.number(), z.number(), z.number(), z.int()])
/** By the shared clock; status 0 where no answer came. */
export type LoadSample = [
  eventId: string | null,
  plannedAt: number,
  sentAt: number,
  answeredAt: number,
  status: number,
]

/** What a generator saw. */
export interface LoadRun {
  readonly samples: readonly LoadSample[]
  /** Not answered with 200. */
  readonly failed: number
  /** Milliseconds from sending to the answer. */
  readonly acknowledgement: Spread
  /** Milliseconds by which sending was late: the generator's own doing. */
  readonly lateness: Spread
}

/** Sends signed webhooks at a steady rate, from a process of its own. */
export async function runLoad(task: LoadTask): Promise<LoadRun> {
  const helper = startHelper(SCRIPT)
  try {
    const samples = z.array(sampleSchema).parse(await helper.ask('run', task))
    return {
      samples,
      failed: samples.filter(([, , , , status]) => status !== 200).length,
      acknowledgement: spreadOf(samples.map(([, , sentAt, answeredAt]) => answeredAt - sentAt)),
      lateness: spreadOf(samples.map(([, plannedAt, sentAt]) => sentAt - plannedAt)),
    }
  } finally {
    await helper.stop()
  }
}
