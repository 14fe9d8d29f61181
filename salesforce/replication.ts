import { z } from 'zod'
import type { Caller } from './caller.ts'

/** What was deleted in a span of time, as the org tells those who keep a copy. */
export interface DeletedRecords {
  readonly records: readonly { readonly id: string; readonly deletedAt: Date }[]
  /** Deletions before this are not told. */
  readonly earliestAvailable: Date
  /** All up to here is told, by the org's own clock. The next span begins here. */
  readonly covered: Date
}

export interface ReplicationApi {
  /** Whole minutes count; the end may lie ahead. At least a minute, and at most 30 days back. */
  deleted(
    objectType: string,
    span: { readonly start: Date; readonly end: Date },
    signal?: AbortSignal,
  ): Promise<DeletedRecords>
}

export function createReplicationApi(caller: Caller, apiVersion: string): ReplicationApi {
  const root = `/services/data/v${apiVersion}/sobjects`

  return {
    async deleted(objectType, { start, end }, signal) {
      const span = new URLSearchParams({ start: start.toISOString(), end: end.toISOString() })
      const target = `${root}/${encodeURIComponent(objectType)}/deleted/?${span}`
      const answer = await caller.json({ method: 'GET', target, signal }, deletedAnswer)
      return {
        records: answer.deletedRecords.map(({ id, deletedDate }) => ({
          id,
          deletedAt: deletedDate,
        })),
        earliestAvailable: answer.earliestDateAvailable,
        covered: answer.latestDateCovered,
      }
    },
  }
}

/** `2022-01-02T17:38:59.000+0000` */
const moment = z.string().transform((text, context) => {
  const at = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  if (!Number.isNaN(at.getTime())) return at
  context.addIssue({ code: 'custom', message: 'is no time' })
  return z.NEVER
})

const deletedAnswer = z.object({
  deletedRecords: z.array(z.object({ id: z.string().min(1), deletedDate: moment })),
  earliestDateAvailable: moment,
  latestDateCovered: moment,
})
