import { blockRemedy } from '../contracts/block-remedies.ts'
import type { MirrorBody } from '../contracts/http/mirror.ts'
import { MIRROR_OBJECTS, type MirrorObject } from '../contracts/mirror.ts'
import type { MirrorRun } from '../db/mirror-runs.ts'
import type { MirrorWatermark } from '../db/mirror-watermarks.ts'
import { connectionUrl } from './connection-body.ts'

export function mirrorUrl(connectionId: string): string {
  return `${connectionUrl(connectionId)}/mirror`
}

/** Also of a connection that was never pulled. */
export function mirrorBody(
  connectionId: string,
  run: MirrorRun | null,
  marks: readonly MirrorWatermark[],
): MirrorBody {
  const byObject = new Map(marks.map((mark) => [mark.object, mark]))
  const { snapshotDate, snapshotAt, blockedReason } = run ?? {}
  return {
    connection_id: connectionId,
    scheduled: run !== null && run.scheduledAt !== null,
    run: {
      // A run whose worker is gone shows as running until its lease has run out.
      state: run === null || (run.state === 'running' && !run.isHeld) ? 'idle' : run.state,
      asked_for: isAskedFor(run),
      started_at: iso(run?.startedAt),
      finished_at: iso(run?.finishedAt),
      blocked:
        blockedReason == null
          ? null
          : {
              reason: blockedReason,
              detail: run?.detail ?? '',
              remedy: blockRemedy(blockedReason),
            },
      detail: run?.detail ?? null,
    },
    snapshot:
      snapshotDate == null || snapshotAt == null
        ? null
        : {
            date: snapshotDate,
            taken_at: snapshotAt.toISOString(),
            time_zone: run?.timeZone ?? null,
          },
    objects: MIRROR_OBJECTS.map((object) => objectBody(object, byObject.get(object))),
    links: { self: mirrorUrl(connectionId), connection: connectionUrl(connectionId) },
  }
}

function isAskedFor(run: MirrorRun | null): boolean {
  if (run === null || run.wantedAt === null) return false
  return run.startedAt === null || run.wantedAt > run.startedAt
}

function objectBody(
  object: MirrorObject,
  mark: MirrorWatermark | undefined,
): MirrorBody['objects'][number] {
  const asOf = mark?.asOf ?? null
  return {
    object,
    as_of: iso(asOf),
    lag_seconds: asOf === null ? null : Math.max(0, (Date.now() - asOf.getTime()) / 1_000),
    rows: mark?.rows ?? null,
    first_load: {
      finished_at: iso(mark?.firstLoadFinishedAt),
      loaded: mark?.loadedRows ?? 0,
      expected: mark?.expectedRows ?? null,
    },
    reconciled_at: iso(mark?.reconciledAt),
    phase: mark?.phase ?? 'done',
    calls: mark?.calls ?? 0,
    changed: mark?.changed ?? 0,
    missing_fields: [...(mark?.missingFields ?? [])],
    error:
      mark === undefined || mark.error === null
        ? null
        : { code: mark.errorCode ?? 'unknown', message: mark.error, at: iso(mark.errorAt) },
  }
}

function iso(at: Date | null | undefined): string | null {
  return at?.toISOString() ?? null
}
