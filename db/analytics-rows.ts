import { type CommonQueryMethods, sql } from 'slonik'
import type {
  AccountRow,
  LeadRow,
  OpportunityHistoryRow,
  OpportunityRow,
  OpportunitySnapshotRow,
  StageRow,
} from '../contracts/analytics.ts'
import { row } from './row-type.ts'

/** Which rows of a mirror are wanted. */
export interface RowSelection {
  readonly connectionId: string
  /** Of the days and times that are given back. */
  readonly timeZone: string
  /** Rows that nothing happened to since that day are left out, unless they are open; null for all rows. */
  readonly since: string | null
  /** Of one owner alone. */
  readonly ownerId: string | null
  /** At most so many, the newest. */
  readonly limit: number
}

const snapshotColumns = sql.fragment`
  r.snapshot_date::text as date, r.opportunity_id as "opportunityId",
  coalesce(r.stage_name, '') as "stageName", r.amount::float8 as amount,
  coalesce(r.close_date::text, '') as "closeDate", coalesce(r.is_closed, false) as "isClosed",
  coalesce(r.is_won, false) as "isWon", coalesce(r.owner_id, '') as "ownerId",
  r.currency_iso_code as "currencyIsoCode"`

/** Rows of the mirror as definitions take them, without what was deleted. */
export function createAnalyticsRowQueries(connection: CommonQueryMethods) {
  const time = (column: string, timeZone: string) => sql.fragment`
    to_char(${sql.identifier(['r', column])} at time zone ${timeZone}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  /** The beginning of a day. */
  const start = (day: string | null, timeZone: string) =>
    sql.fragment`${day}::date::timestamp at time zone ${timeZone}`
  const ownedBy = (ownerId: string | null) =>
    ownerId === null ? sql.fragment`` : sql.fragment`and r.owner_id = ${ownerId}`
  /** Deals that are open, or that something happened to. */
  const deals = ({ connectionId, timeZone, since, ownerId }: RowSelection) => sql.fragment`
    r.connection_id = ${connectionId} and r.deleted_at is null ${ownedBy(ownerId)}
    and (${since}::date is null or r.is_closed is not true or r.close_date >= ${since}::date
      or r.created_date >= ${start(since, timeZone)}
      or r.last_stage_change_date >= ${start(since, timeZone)})`

  return {
    async opportunities(selection: RowSelection): Promise<readonly OpportunityRow[]> {
      const { timeZone, limit } = selection
      return connection.any(sql.type(row<OpportunityRow>())`
        select r.id, r.account_id as "accountId", coalesce(r.owner_id, '') as "ownerId",
          coalesce(r.name, '') as name, coalesce(r.stage_name, '') as "stageName",
          r.amount::float8 as amount, r.probability::float8 as probability,
          r.expected_revenue::float8 as "expectedRevenue", coalesce(r.close_date::text, '') as "closeDate",
          coalesce(r.is_closed, false) as "isClosed", coalesce(r.is_won, false) as "isWon",
          r.forecast_category as "forecastCategory", r.lead_source as "leadSource", r.type,
          r.currency_iso_code as "currencyIsoCode",
          coalesce(${time('created_date', timeZone)}, '') as "createdDate",
          ${time('last_stage_change_date', timeZone)} as "lastStageChangeDate",
          r.last_activity_date::text as "lastActivityDate", false as "isDeleted"
        from mirror_opportunities r where ${deals(selection)}
        order by r.created_date desc nulls last, r.id limit ${limit}`)
    },

    /** The whole history of the same deals. */
    async history(selection: RowSelection): Promise<readonly OpportunityHistoryRow[]> {
      const { connectionId, timeZone, since, limit } = selection
      return connection.transaction(async (transaction) => {
        // Rows of a first load are not in Postgres' statistics yet: it would walk all deals for each row.
        await transaction.query(sql.type(row<never>())`
          select set_config('enable_nestloop', 'off', true)`)
        return transaction.any(sql.type(row<OpportunityHistoryRow>())`
        with wanted as materialized (
          select r.id from mirror_opportunities r where ${deals(selection)}
          union
          select h.opportunity_id from mirror_opportunity_history h
          where h.connection_id = ${connectionId} and h.deleted_at is null
            and h.created_date >= ${start(since, timeZone)}
        )
        select r.id, r.opportunity_id as "opportunityId", coalesce(r.stage_name, '') as "stageName",
          r.amount::float8 as amount, r.probability::float8 as probability,
          r.close_date::text as "closeDate",
          coalesce(${time('created_date', timeZone)}, '') as "createdDate"
        from mirror_opportunity_history r
        where r.connection_id = ${connectionId} and r.deleted_at is null
          and r.opportunity_id in (select id from wanted)
          and r.opportunity_id in (
            select d.id from mirror_opportunities d
            where d.connection_id = ${connectionId} and d.deleted_at is null
              and (${selection.ownerId}::text is null or d.owner_id = ${selection.ownerId}))
        order by r.created_date desc nulls last, r.id desc limit ${limit}`)
      })
    },

    /** Leads that were created or converted since, and those that may still convert. */
    async leads(selection: RowSelection): Promise<readonly LeadRow[]> {
      const { connectionId, timeZone, since, ownerId, limit } = selection
      return connection.any(sql.type(row<LeadRow>())`
        select r.id, coalesce(r.status, '') as status, r.lead_source as "leadSource", r.rating,
          coalesce(r.owner_id, '') as "ownerId", coalesce(r.is_converted, false) as "isConverted",
          r.converted_date::text as "convertedDate",
          r.converted_opportunity_id as "convertedOpportunityId",
          coalesce(${time('created_date', timeZone)}, '') as "createdDate"
        from mirror_leads r
        where r.connection_id = ${connectionId} and r.deleted_at is null ${ownedBy(ownerId)}
          and (${since}::date is null or r.is_converted is not true
            or r.converted_date >= ${since}::date or r.created_date >= ${start(since, timeZone)})
        order by r.created_date desc nulls last, r.id limit ${limit}`)
    },

    /** All accounts: growth is measured against those that were there before. */
    async accounts(selection: RowSelection): Promise<readonly AccountRow[]> {
      const { connectionId, timeZone, ownerId, limit } = selection
      return connection.any(sql.type(row<AccountRow>())`
        select r.id, coalesce(r.name, '') as name, r.industry, r.type,
          r.annual_revenue::float8 as "annualRevenue", r.number_of_employees as "numberOfEmployees",
          coalesce(r.owner_id, '') as "ownerId", r.last_activity_date::text as "lastActivityDate",
          coalesce(${time('created_date', timeZone)}, '') as "createdDate",
          r.currency_iso_code as "currencyIsoCode"
        from mirror_accounts r
        where r.connection_id = ${connectionId} and r.deleted_at is null ${ownedBy(ownerId)}
        order by r.created_date desc nulls last, r.id limit ${limit}`)
    },

    async stages(connectionId: string): Promise<readonly StageRow[]> {
      return connection.any(sql.type(row<StageRow>())`
        select name, coalesce(sort_order, 0) as "sortOrder", coalesce(is_closed, false) as "isClosed",
          coalesce(is_won, false) as "isWon", default_probability::float8 as "defaultProbability",
          coalesce(is_active, true) as "isActive"
        from mirror_stages where connection_id = ${connectionId} order by sort_order, name`)
    },

    /** Days on which there is a snapshot, of a range; the oldest first. */
    async snapshotDays(connectionId: string, from: string, to: string): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ day: string }>())`
        select distinct snapshot_date::text as day from opportunity_daily_snapshots
        where connection_id = ${connectionId} and snapshot_date between ${from}::date and ${to}::date
        order by 1`)
    },

    async snapshot(
      connectionId: string,
      day: string,
      ownerId: string | null,
      limit: number,
    ): Promise<readonly OpportunitySnapshotRow[]> {
      return connection.any(sql.type(row<OpportunitySnapshotRow>())`
        select ${snapshotColumns} from opportunity_daily_snapshots r
        where r.connection_id = ${connectionId} and r.snapshot_date = ${day}::date ${ownedBy(ownerId)}
        order by r.opportunity_id limit ${limit}`)
    },

    /**
     * The snapshot of the day `to`, and with it the last row of each deal that was closed since `from` and has left the
     * snapshots: they hold closed deals for some weeks only, and a deal that was won is not one that was deleted.
     */
    async snapshotWithClosed(
      connectionId: string,
      { from, to }: { readonly from: string; readonly to: string },
      ownerId: string | null,
      limit: number,
    ): Promise<readonly OpportunitySnapshotRow[]> {
      return connection.any(sql.type(row<OpportunitySnapshotRow>())`
        with there as materialized (
          select r.* from opportunity_daily_snapshots r
          where r.connection_id = ${connectionId} and r.snapshot_date = ${to}::date ${ownedBy(ownerId)}
        ), left_since as materialized (
          select s.opportunity_id as id from opportunity_daily_snapshots s
          where s.connection_id = ${connectionId} and s.snapshot_date = ${from}::date
          union
          select o.id from mirror_opportunities o
          where o.connection_id = ${connectionId} and o.deleted_at is null and o.is_closed
            and greatest(o.last_stage_change_date, o.close_date::timestamptz) >= ${from}::date
          except select opportunity_id from there
        ), closed as (
          select r.* from left_since cross join lateral (
            select s.* from opportunity_daily_snapshots s
            where s.connection_id = ${connectionId} and s.opportunity_id = left_since.id
              and s.snapshot_date between ${from}::date and ${to}::date
            order by s.snapshot_date desc limit 1) r
          where r.is_closed and r.snapshot_date > ${from}::date ${ownedBy(ownerId)}
        )
        select ${snapshotColumns} from (select * from there union all select * from closed) r
        order by r.opportunity_id limit ${limit}`)
    },
  }
}
