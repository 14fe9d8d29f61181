/** Where an event came from; `conveyor`: what we tell of ourselves. */
export const EVENT_SOURCES = ['webhook', 'outbound_message', 'conveyor'] as const
export type EventSource = (typeof EVENT_SOURCES)[number]

/** One change of one record, or one thing that Conveyor tells of itself. */
export interface WebhookEvent {
  /** `evt_` and a UUIDv7; subscribers get it as `webhook-id`. */
  readonly eventId: string
  readonly workspaceId: string
  /** Null for what belongs to no connection. */
  readonly connectionId: string | null
  readonly source: EventSource
  /** `Account.updated`, `bulk_job.failed` … */
  readonly eventType: string
  readonly objectType: string
  /** The record's id as it came, or the job's, the endpoint's. */
  readonly objectId: string
  readonly changeType: string
  readonly changedFields: readonly string[]
  /** When it happened, as the sender says; otherwise when it came. */
  readonly occurredAt: Date
  readonly createdAt: Date
}

/** JSON text of what came, as far as it concerns this record: numbers are as they were sent. */
export type EventPayload = string

/** A payload as it is stored: readable by whoever reads the table, or sealed where there is a key. */
export type StoredPayload =
  | { readonly payload: EventPayload; readonly sealedPayload: null }
  | { readonly payload: null; readonly sealedPayload: Buffer }

export const EVENT_ID_PREFIX = 'evt_'
/** Records that one webhook may name. */
export const MOST_RECORDS_A_WEBHOOK = 1_000

/** `failed`: it could not be processed; a replay tries again. */
export const EVENT_STATES = ['pending', 'processed', 'failed'] as const
export type EventState = (typeof EVENT_STATES)[number]
