import { type CommonQueryMethods, sql } from 'slonik'
import { storedPattern } from '../contracts/event-types.ts'
import type { Severity } from '../contracts/severity.ts'
import type { EventFilter } from '../contracts/subscription.ts'
import { row } from './row-type.ts'

/** A row of `notification_rules`. */
export interface NotificationRule {
  readonly ruleId: string
  readonly workspaceId: string
  readonly channelId: string
  readonly name: string
  readonly events: readonly string[]
  readonly filter: EventFilter | null
  readonly minimumSeverity: Severity
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type NewNotificationRule = Omit<NotificationRule, 'createdAt' | 'updatedAt'>

/** What an event is held against. */
export type MatchedRule = Pick<
  NotificationRule,
  'ruleId' | 'channelId' | 'filter' | 'minimumSeverity'
> & { readonly patterns: readonly string[] }

interface RuleRow {
  rule_id: string
  workspace_id: string
  channel_id: string
  name: string
  events: string[]
  filter: EventFilter | null
  minimum_severity: Severity
  created_by: string | null
  created_at: Date
  updated_at: Date
}

const toRule = (r: RuleRow): NotificationRule => ({
  ruleId: r.rule_id,
  workspaceId: r.workspace_id,
  channelId: r.channel_id,
  name: r.name,
  events: r.events,
  filter: r.filter,
  minimumSeverity: r.minimum_severity,
  createdBy: r.created_by,
  createdAt: r.created_at,
  updatedAt: r.updated_at,
})

const columns = sql.fragment`
  rule_id, workspace_id, channel_id, name, events, filter, minimum_severity, created_by, created_at, updated_at`

export function createNotificationRuleQueries(connection: CommonQueryMethods) {
  return {
    async insert(rule: NewNotificationRule): Promise<NotificationRule> {
      const made = await connection.one(sql.type(row<RuleRow>())`
        insert into notification_rules (rule_id, workspace_id, channel_id, name, events, patterns, filter,
          minimum_severity, created_by)
        values (${rule.ruleId}, ${rule.workspaceId}, ${rule.channelId}, ${rule.name},
          ${sql.jsonb([...rule.events])}, ${patternsOf(rule.events)}, ${filterOf(rule.filter)},
          ${rule.minimumSeverity}, ${rule.createdBy})
        returning ${columns}`)
      return toRule(made)
    },

    async find(ruleId: string): Promise<NotificationRule | null> {
      const found = await connection.maybeOne(sql.type(row<RuleRow>())`
        select ${columns} from notification_rules where rule_id = ${ruleId}`)
      return found ? toRule(found) : null
    },

    async count(): Promise<number> {
      return connection.oneFirst(sql.type(row<{ n: number }>())`
        select count(*) as n from notification_rules`)
    },

    /** Newest first, after the given rule. */
    async list(limit: number, afterRuleId: string | null): Promise<NotificationRule[]> {
      const position =
        afterRuleId === null
          ? sql.fragment``
          : sql.fragment`where (created_at, rule_id) < (
              select created_at, rule_id from notification_rules where rule_id = ${afterRuleId})`
      const found = await connection.any(sql.type(row<RuleRow>())`
        select ${columns} from notification_rules ${position}
        order by created_at desc, rule_id desc limit ${limit}`)
      return found.map(toRule)
    },

    /** Null where it is gone. */
    async replace(
      rule: Pick<
        NotificationRule,
        'ruleId' | 'channelId' | 'name' | 'events' | 'filter' | 'minimumSeverity'
      >,
    ): Promise<NotificationRule | null> {
      const changed = await connection.maybeOne(sql.type(row<RuleRow>())`
        update notification_rules set channel_id = ${rule.channelId}, name = ${rule.name},
          events = ${sql.jsonb([...rule.events])}, patterns = ${patternsOf(rule.events)},
          filter = ${filterOf(rule.filter)}, minimum_severity = ${rule.minimumSeverity}
        where rule_id = ${rule.ruleId} returning ${columns}`)
      return changed ? toRule(changed) : null
    },

    async remove(ruleId: string): Promise<boolean> {
      const result = await connection.query(sql.type(row<never>())`
        delete from notification_rules where rule_id = ${ruleId}`)
      return result.rowCount === 1
    },

    /** Rules of channels that are not disabled, by stored patterns, in the order in which they were made. */
    async listMatching(patterns: readonly string[]): Promise<MatchedRule[]> {
      const found = await connection.any(
        sql.prepared(
          'list_matching_rules',
          row<
            Pick<RuleRow, 'rule_id' | 'channel_id' | 'filter' | 'minimum_severity'> & {
              patterns: string[]
            }
          >(),
        )`
        select r.rule_id, r.channel_id, r.filter, r.minimum_severity, r.patterns
        from notification_rules r join notification_channels c on c.channel_id = r.channel_id
        where c.disabled_at is null and r.patterns && ${sql.array([...patterns], 'text')}
        order by r.created_at, r.rule_id
        -- A channel that is deleted meanwhile would have its item refused, and the event with it.
        for key share of c`,
      )
      return found.map((r) => ({
        ruleId: r.rule_id,
        channelId: r.channel_id,
        filter: r.filter,
        minimumSeverity: r.minimum_severity,
        patterns: r.patterns,
      }))
    },
  }
}

const patternsOf = (events: readonly string[]) => sql.array(events.map(storedPattern), 'text')

// A filter is of strings, numbers, booleans and null: it is JSON as it is.
const filterOf = (filter: EventFilter | null) =>
  filter === null ? null : sql.jsonb(filter as never)
