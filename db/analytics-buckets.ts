import { type CommonQueryMethods, sql } from 'slonik'
import type { DayRange } from '../contracts/analytics.ts'
import {
  ANALYTICS_METRICS,
  type AnalyticsMetric,
  type BucketKind,
  type BucketSum,
  type RollupSubject,
} from '../contracts/analytics-rollup.ts'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** What each metric's rows are placed and measured by; every list has the same columns. */
const PLACED = {
  opportunity: (connectionId: string, timeZone: string) => sql.fragment`
    select 'opportunities_created' as metric, d.day, o.currency_iso_code as currency, o.amount,
      coalesce(o.expected_revenue, o.amount * o.probability / 100) as expected, o.probability,
      null::int as days, null::int as employees,
      array['all', 'stage', 'owner', 'source', 'type'] as kinds,
      array['', o.stage_name, o.owner_id, o.lead_source, o.type] as keys
    from days d join mirror_opportunities o
      on o.connection_id = ${connectionId} and o.deleted_at is null
      and o.created_date >= d.day::timestamp at time zone ${timeZone}
      and o.created_date < (d.day + 1)::timestamp at time zone ${timeZone}
    union all
    select case when o.is_closed is not true then 'opportunities_open'
        when o.is_won then 'opportunities_won' else 'opportunities_lost' end,
      d.day, o.currency_iso_code, o.amount,
      coalesce(o.expected_revenue, o.amount * o.probability / 100), o.probability,
      o.close_date - (o.created_date at time zone ${timeZone})::date, null,
      array['all', 'stage', 'owner', 'source', 'type', 'category'],
      array['', o.stage_name, o.owner_id, o.lead_source, o.type, o.forecast_category]
    from days d join mirror_opportunities o
      on o.connection_id = ${connectionId} and o.deleted_at is null and o.close_date = d.day`,
  lead: (connectionId: string, timeZone: string) => sql.fragment`
    select m.metric, d.day, null::text as currency, null::numeric as amount, null::numeric as expected,
      null::numeric as probability,
      l.converted_date - (l.created_date at time zone ${timeZone})::date as days, null::int as employees,
      array['all', 'status', 'source', 'owner', 'rating'] as kinds,
      array['', l.status, l.lead_source, l.owner_id, l.rating] as keys
    from days d join mirror_leads l
      on l.connection_id = ${connectionId} and l.deleted_at is null
      and l.created_date >= d.day::timestamp at time zone ${timeZone}
      and l.created_date < (d.day + 1)::timestamp at time zone ${timeZone}
    cross join (values ('leads_created'), ('leads_created_converted')) as m (metric)
    where m.metric = 'leads_created' or l.is_converted
    union all
    select 'leads_converted', d.day, null, null, null, null,
      l.converted_date - (l.created_date at time zone ${timeZone})::date, null,
      array['all', 'status', 'source', 'owner', 'rating'],
      array['', l.status, l.lead_source, l.owner_id, l.rating]
    from days d join mirror_leads l
      on l.connection_id = ${connectionId} and l.deleted_at is null and l.is_converted
      and l.converted_date = d.day`,
  account: (connectionId: string, timeZone: string) => sql.fragment`
    select 'accounts_created' as metric, d.day, a.currency_iso_code as currency,
      a.annual_revenue as amount, null::numeric as expected, null::numeric as probability,
      null::int as days, a.number_of_employees as employees,
      array['all', 'industry', 'type', 'owner'] as kinds,
      array['', a.industry, a.type, a.owner_id] as keys
    from days d join mirror_accounts a
      on a.connection_id = ${connectionId} and a.deleted_at is null
      and a.created_date >= d.day::timestamp at time zone ${timeZone}
      and a.created_date < (d.day + 1)::timestamp at time zone ${timeZone}`,
} as const

/** Buckets that are to be added up: by key, or by month. */
export interface BucketQuery extends DayRange {
  readonly metric: AnalyticsMetric
  readonly kind: BucketKind
  readonly by: 'key' | 'month'
}

/** What is added up, by day and key, of the rows that the mirror holds. */
export function createAnalyticsBucketQueries(connection: CommonQueryMethods) {
  return {
    /** Puts whole days in the place of what is there. To be called in a transaction that holds the days' marks. */
    async replace(
      subject: RollupSubject,
      { connectionId, workspaceId }: MirrorOwner,
      days: readonly string[],
      timeZone: string,
    ): Promise<void> {
      const metrics = sql.array([...ANALYTICS_METRICS[subject]], 'text')
      const list = sql.array([...days], 'date')
      await connection.query(sql.type(row<never>())`
        delete from analytics_buckets
        where connection_id = ${connectionId} and metric = any(${metrics}) and bucket = any(${list})`)
      await connection.query(sql.type(row<never>())`
        with days as (select unnest(${list}) as day),
        placed as (${PLACED[subject](connectionId, timeZone)}),
        revision as (select nextval('analytics_revision') as revision)
        insert into analytics_buckets (connection_id, workspace_id, metric, bucket, key_kind, key, currency,
          count, count_amount, sum_amount, sum_squares, min_amount, max_amount, count_expected, sum_expected,
          count_probability, sum_probability, count_days, sum_days, count_employees, sum_employees, revision)
        select ${connectionId}, ${workspaceId}, p.metric, p.day, k.kind, coalesce(k.key, ''),
          coalesce(p.currency, ''), count(*), count(p.amount), coalesce(sum(p.amount), 0),
          coalesce(sum(p.amount * p.amount), 0), min(p.amount), max(p.amount),
          count(p.expected), coalesce(sum(p.expected), 0),
          count(p.probability), coalesce(sum(p.probability), 0),
          count(*) filter (where p.days >= 0), coalesce(sum(p.days) filter (where p.days >= 0), 0),
          count(p.employees), coalesce(sum(p.employees), 0), (select revision from revision)
        from placed p cross join lateral unnest(p.kinds, p.keys) as k (kind, key)
        group by p.metric, p.day, k.kind, coalesce(k.key, ''), coalesce(p.currency, '')`)
    },

    /** Sums that one answer is made of, each by its name, as they stood at one moment. */
    async sums<Name extends string>(
      connectionId: string,
      wanted: Partial<Readonly<Record<Name, BucketQuery>>>,
    ): Promise<Record<Name, BucketSum[]>> {
      const names = Object.keys(wanted) as Name[]
      const queries = names.map((name) => ({ name, ...wanted[name] }))
      const found = await connection.any(sql.type(row<BucketSum & { readonly name: Name }>())`
        select q.name, case q.by when 'month' then to_char(b.bucket, 'YYYY-MM') else nullif(b.key, '') end as "group",
          nullif(b.currency, '') as currency, sum(b.count)::float8 as count,
          sum(b.count_amount)::float8 as "countAmount", sum(b.sum_amount)::float8 as "sumAmount",
          sum(b.count_expected)::float8 as "countExpected", sum(b.sum_expected)::float8 as "sumExpected",
          sum(b.count_probability)::float8 as "countProbability",
          sum(b.sum_probability)::float8 as "sumProbability",
          sum(b.count_days)::float8 as "countDays", sum(b.sum_days)::float8 as "sumDays",
          sum(b.count_employees)::float8 as "countEmployees",
          sum(b.sum_employees)::float8 as "sumEmployees"
        from jsonb_to_recordset(${JSON.stringify(queries)}::jsonb)
          as q (name text, metric text, kind text, "by" text, "from" date, "to" date)
        join analytics_buckets b on b.connection_id = ${connectionId} and b.metric = q.metric
          and b.key_kind = q.kind and b.bucket >= coalesce(q."from", '-infinity')
          and b.bucket <= coalesce(q."to", 'infinity')
        group by 1, 2, 3 order by 1, 2, 3`)
      const sums = Object.fromEntries(names.map((name): [Name, BucketSum[]] => [name, []]))
      for (const { name, ...sum } of found) sums[name]?.push(sum)
      // Each name has its list.
      return sums as Record<Name, BucketSum[]>
    },

    /** Removes up to `limit` buckets of a connection. */
    async erase(connectionId: string, limit: number): Promise<number> {
      const { rowCount } = await connection.query(sql.type(row<never>())`
        delete from analytics_buckets where connection_id = ${connectionId} and ctid in (
          select ctid from analytics_buckets where connection_id = ${connectionId} limit ${limit})`)
      return rowCount
    },
  }
}
