import { type CommonQueryMethods, sql } from 'slonik'
import type { ReplayKind, ReplayState } from '../contracts/replay.ts'
import { type ExactPlace, exactTime } from './exact-time.ts'
import { row } from './row-type.ts'

/** A row of `webhook_replays`. */
export interface WebhookReplay {
  readonly replayId: string
  readonly workspaceId: string
  readonly kind: ReplayKind
  /** Null for one event to all. */
  readonly subscriptionId: string | null
  readonly eventId: string | null
  readonly since: Date
  readonly until: Date
  /** The last row that was looked at; null at the beginning. */
  readonly cursor: ExactPlace | null
  readonly lookedAt: number
  readonly found: number
  readonly queued: number
  readonly state: ReplayState
  readonly cancelAsked: boolean
  readonly error: string | null
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Where it stands in lists, to the microsecond. */
  readonly place: string
}

interface WebhookReplayRow {
  replay_id: string
  workspace_id: string
  kind: ReplayKind
  subscription_id: string | null
  event_id: string | null
  since: Date
  until: Date
  cursor_at: string | null
  cursor_id: string | null
  looked_at: number
  found: number
  queued: number
  state: ReplayState
  cancel_asked: boolean
  error: string | null
  created_by: string | null
  created_at: Date
  ended_at: Date | null
  place: string
}

const columns = sql.fragment`
  replay_id, workspace_id, kind, subscription_id, event_id, since, until, exact_time(cursor_at) as cursor_at,
  cursor_id, looked_at, found, queued, state, cancel_asked, error, created_by, created_at, ended_at,
  exact_time(created_at) as place`

const replayRow = row<WebhookReplayRow>()

function toReplay(r: WebhookReplayRow): WebhookReplay {
  return {
    replayId: r.replay_id,
    workspaceId: r.workspace_id,
    kind: r.kind,
    subscriptionId: r.subscription_id,
    eventId: r.event_id,
    since: r.since,
    until: r.until,
    cursor:
      r.cursor_at === null || r.cursor_id === null ? null : { at: r.cursor_at, id: r.cursor_id },
    lookedAt: r.looked_at,
    found: r.found,
    queued: r.queued,
    state: r.state,
    cancelAsked: r.cancel_asked,
    error: r.error,
    createdBy: r.created_by,
    createdAt: r.created_at,
    endedAt: r.ended_at,
    place: r.place,
  }
}

export type NewWebhookReplay = Pick<
  WebhookReplay,
  'replayId' | 'workspaceId' | 'kind' | 'subscriptionId' | 'eventId' | 'since' | 'createdBy'
> & {
  /** Null: until now. It never reaches beyond that. */
  readonly until: Date | null
}

/** What one step of the walk did. */
export interface ReplayStep {
  readonly cursor: ExactPlace | null
  readonly lookedAt: number
  readonly found: number
  readonly queued: number
  readonly ended: boolean
}

export function createWebhookReplayQueries(connection: CommonQueryMethods) {
  const one = async (query: ReturnType<typeof sql.fragment>) => {
    const found = await connection.maybeOne(sql.type(replayRow)`${query}`)
    return found ? toReplay(found) : null
  }

  return {
    /** Null where one of the kind runs already for the subscription, or for the event. */
    async insert(wanted: NewWebhookReplay): Promise<WebhookReplay | null> {
      return one(sql.fragment`
        insert into webhook_replays (replay_id, workspace_id, kind, subscription_id, event_id, since, until,
          created_by)
        values (${wanted.replayId}, ${wanted.workspaceId}, ${wanted.kind}, ${wanted.subscriptionId},
          ${wanted.eventId}, ${sql.timestamp(wanted.since)},
          least(${wanted.until === null ? null : sql.timestamp(wanted.until)}, now()), ${wanted.createdBy})
        on conflict do nothing
        returning ${columns}`)
    },

    async get(replayId: string): Promise<WebhookReplay | null> {
      return one(sql.fragment`select ${columns} from webhook_replays where replay_id = ${replayId}`)
    },

    /** Held until the transaction ends: one step at a time. */
    async getForUpdate(replayId: string): Promise<WebhookReplay | null> {
      return one(sql.fragment`
        select ${columns} from webhook_replays where replay_id = ${replayId} for update`)
    },

    /** Newest first, before the given place. */
    async list(
      filter: {
        readonly subscriptionId?: string | undefined
        readonly state?: ReplayState | undefined
      },
      limit: number,
      before: ExactPlace | null,
    ): Promise<WebhookReplay[]> {
      const conditions = [
        sql.fragment`true`,
        ...(filter.subscriptionId === undefined
          ? []
          : [sql.fragment`subscription_id = ${filter.subscriptionId}`]),
        ...(filter.state === undefined ? [] : [sql.fragment`state = ${filter.state}`]),
        ...(before === null
          ? []
          : [sql.fragment`(created_at, replay_id) < (${exactTime(before.at)}, ${before.id})`]),
      ]
      const found = await connection.any(sql.type(replayRow)`
        select ${columns} from webhook_replays where ${sql.join(conditions, sql.fragment` and `)}
        order by created_at desc, replay_id desc limit ${limit}`)
      return found.map(toReplay)
    },

    /** Notes a step in the transaction that made it, so that it is made once. */
    async advance(replayId: string, step: ReplayStep): Promise<WebhookReplay | null> {
      return one(sql.fragment`
        update webhook_replays
        set cursor_at = ${step.cursor === null ? sql.fragment`cursor_at` : exactTime(step.cursor.at)},
          cursor_id = coalesce(${step.cursor?.id ?? null}, cursor_id),
          looked_at = looked_at + ${step.lookedAt}, found = found + ${step.found},
          queued = queued + ${step.queued},
          state = case when ${step.ended} then 'completed' else state end,
          ended_at = case when ${step.ended} then now() end
        where replay_id = ${replayId} and state = 'running'
        returning ${columns}`)
    },

    /** Null where it has ended. */
    async askCancel(replayId: string): Promise<WebhookReplay | null> {
      return one(sql.fragment`
        update webhook_replays set cancel_asked = true
        where replay_id = ${replayId} and state = 'running' returning ${columns}`)
    },

    /** False where it had ended already. */
    async end(
      replayId: string,
      state: 'cancelled' | 'failed',
      error: string | null,
    ): Promise<boolean> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        update webhook_replays set state = ${state}, error = ${error}, ended_at = now()
        where replay_id = ${replayId} and state = 'running'`)
      return rowCount > 0
    },

    /** Those that ended so many days ago. */
    async deleteEnded(days: number, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from webhook_replays where replay_id in (
          select replay_id from webhook_replays
          where ended_at < now() - ${days} * interval '1 day' limit ${limit})`)
      return rowCount
    },
  }
}
