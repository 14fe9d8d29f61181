import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** Money and shares as numbers, times as ISO 8601, days as `2026-11-26`. */
export interface MirroredOpportunity {
  readonly id: string
  readonly accountId: string | null
  readonly ownerId: string
  readonly name: string
  readonly stageName: string
  readonly amount: number | null
  /** 0 to 100, as in Salesforce. */
  readonly probability: number | null
  readonly expectedRevenue: number | null
  readonly closeDate: string
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly forecastCategory: string | null
  readonly leadSource: string | null
  readonly type: string | null
  readonly currencyIsoCode: string | null
  readonly createdDate: string
  readonly lastStageChangeDate: string | null
  readonly lastActivityDate: string | null
  readonly isDeleted: boolean
}

export interface MirroredOpportunityHistory {
  readonly id: string
  readonly opportunityId: string
  readonly stageName: string
  readonly amount: number | null
  readonly probability: number | null
  readonly closeDate: string | null
  readonly createdDate: string
}

export interface MirroredLead {
  readonly id: string
  readonly status: string
  readonly leadSource: string | null
  readonly rating: string | null
  readonly ownerId: string
  readonly isConverted: boolean
  readonly convertedDate: string | null
  readonly convertedOpportunityId: string | null
  readonly createdDate: string
}

export interface MirroredAccount {
  readonly id: string
  readonly name: string
  readonly industry: string | null
  readonly type: string | null
  readonly annualRevenue: number | null
  readonly numberOfEmployees: number | null
  readonly ownerId: string
  readonly lastActivityDate: string | null
  readonly createdDate: string
  readonly currencyIsoCode: string | null
}

export interface MirroredStage {
  readonly name: string
  readonly sortOrder: number
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly defaultProbability: number | null
  readonly isActive: boolean
}

export interface OpportunitySnapshot {
  readonly date: string
  readonly opportunityId: string
  readonly stageName: string
  readonly amount: number | null
  readonly closeDate: string
  readonly isClosed: boolean
  readonly isWon: boolean
  readonly ownerId: string
  readonly currencyIsoCode: string | null
}

/** A stretch of rows in the order of their ids: small enough to hold, and no snapshot is kept open between two. */
export interface RowStretch {
  /** Null for the beginning. */
  readonly afterId: string | null
  readonly limit: number
}

/** ISO 8601 in UTC, to the millisecond, as Salesforce's own. */
const iso = (column: string) =>
  sql.fragment`to_char(${sql.identifier([column])} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const after = (connectionId: string, { afterId }: RowStretch) => sql.fragment`
  connection_id = ${connectionId} and (${afterId}::text is null or id > ${afterId}::text collate "C")`

/** Rows of the mirror as definitions of figures take them, and what they are checked against. */
export function createMirrorReaders(connection: CommonQueryMethods) {
  return {
    /** Deleted ones too, which movements need. */
    async opportunities(
      connectionId: string,
      stretch: RowStretch,
    ): Promise<readonly MirroredOpportunity[]> {
      return connection.any(sql.type(row<MirroredOpportunity>())`
        select id, account_id as "accountId", coalesce(owner_id, '') as "ownerId", coalesce(name, '') as name,
          coalesce(stage_name, '') as "stageName", amount::float8 as amount, probability::float8 as probability,
          expected_revenue::float8 as "expectedRevenue", close_date::text as "closeDate",
          coalesce(is_closed, false) as "isClosed", coalesce(is_won, false) as "isWon",
          forecast_category as "forecastCategory", lead_source as "leadSource", type,
          currency_iso_code as "currencyIsoCode", ${iso('created_date')} as "createdDate",
          ${iso('last_stage_change_date')} as "lastStageChangeDate", last_activity_date::text as "lastActivityDate",
          deleted_at is not null as "isDeleted"
        from mirror_opportunities
        where ${after(connectionId, stretch)} and close_date is not null and created_date is not null
        order by id limit ${stretch.limit}`)
    },

    async opportunityHistory(
      connectionId: string,
      stretch: RowStretch,
    ): Promise<readonly MirroredOpportunityHistory[]> {
      return connection.any(sql.type(row<MirroredOpportunityHistory>())`
        select id, opportunity_id as "opportunityId", coalesce(stage_name, '') as "stageName",
          amount::float8 as amount, probability::float8 as probability, close_date::text as "closeDate",
          ${iso('created_date')} as "createdDate"
        from mirror_opportunity_history
        where ${after(connectionId, stretch)} and deleted_at is null and opportunity_id is not null
          and created_date is not null
        order by id limit ${stretch.limit}`)
    },

    async leads(connectionId: string, stretch: RowStretch): Promise<readonly MirroredLead[]> {
      return connection.any(sql.type(row<MirroredLead>())`
        select id, coalesce(status, '') as status, lead_source as "leadSource", rating,
          coalesce(owner_id, '') as "ownerId", coalesce(is_converted, false) as "isConverted",
          converted_date::text as "convertedDate", converted_opportunity_id as "convertedOpportunityId",
          ${iso('created_date')} as "createdDate"
        from mirror_leads
        where ${after(connectionId, stretch)} and deleted_at is null and created_date is not null
        order by id limit ${stretch.limit}`)
    },

    async accounts(connectionId: string, stretch: RowStretch): Promise<readonly MirroredAccount[]> {
      return connection.any(sql.type(row<MirroredAccount>())`
        select id, coalesce(name, '') as name, industry, type, annual_revenue::float8 as "annualRevenue",
          number_of_employees as "numberOfEmployees", coalesce(owner_id, '') as "ownerId",
          last_activity_date::text as "lastActivityDate", ${iso('created_date')} as "createdDate",
          currency_iso_code as "currencyIsoCode"
        from mirror_accounts
        where ${after(connectionId, stretch)} and deleted_at is null and created_date is not null
        order by id limit ${stretch.limit}`)
    },

    async stages(connectionId: string): Promise<readonly MirroredStage[]> {
      return connection.any(sql.type(row<MirroredStage>())`
        select name, coalesce(sort_order, 0) as "sortOrder", coalesce(is_closed, false) as "isClosed",
          coalesce(is_won, false) as "isWon", default_probability::float8 as "defaultProbability",
          coalesce(is_active, true) as "isActive"
        from mirror_stages where connection_id = ${connectionId} order by sort_order, name`)
    },

    /** Of one day; none where none was taken. */
    async snapshots(connectionId: string, day: string): Promise<readonly OpportunitySnapshot[]> {
      return connection.any(sql.type(row<OpportunitySnapshot>())`
        select snapshot_date::text as date, opportunity_id as "opportunityId",
          coalesce(stage_name, '') as "stageName", amount::float8 as amount, close_date::text as "closeDate",
          coalesce(is_closed, false) as "isClosed", coalesce(is_won, false) as "isWon",
          coalesce(owner_id, '') as "ownerId", currency_iso_code as "currencyIsoCode"
        from opportunity_daily_snapshots
        where connection_id = ${connectionId} and snapshot_date = ${day}::date and close_date is not null
        order by opportunity_id`)
    },
  }
}
