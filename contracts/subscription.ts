/** What of the events of its types a subscription takes. It sees only what an event carries. */
export interface EventFilter {
  /** At least one of these fields changed; names differ in nothing but case. */
  readonly changed_fields?: readonly string[]
  /** Each of these fields of the record has this value. A field that the event does not carry has none. */
  readonly equals?: Readonly<Record<string, string | number | boolean | null>>
}

/** `record`: the deliveries of one record go one after the other, in order. */
export const ORDERINGS = ['none', 'record'] as const
export type Ordering = (typeof ORDERINGS)[number]

export const SUBSCRIPTION_STATUSES = ['active', 'paused', 'disabled'] as const
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number]

/** How long the old secret signs too, in seconds, unless the caller says otherwise. */
export const SECRET_OVERLAP_SECONDS = 86_400
export const MOST_SECRET_OVERLAP_SECONDS = 7 * 86_400
