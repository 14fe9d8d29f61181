/** What an insight points at. */
export interface InsightSubject {
  readonly kind: 'opportunity' | 'week'
  readonly id: string
}

export type InsightRule =
  | 'stale_deal'
  | 'close_date_past'
  | 'pushed_repeatedly'
  | 'amount_decreased'
  | 'unusual_week'

/** Something that a person should look at: the rule that found it, the numbers behind it, and what to do. */
export interface Insight {
  readonly rule: InsightRule
  readonly subject: InsightSubject
  /** The numbers, days and names that the rule saw. */
  readonly evidence: Readonly<Record<string, number | string | null>>
  readonly recommendedAction: string
  /** From 0 to 1 where it is computed; a rule that only looks has none. */
  readonly confidence: number | null
}
