import { type CommonQueryMethods, sql } from 'slonik'
import type { CurrencyRates } from '../contracts/analytics.ts'
import type { DateRange, PulledObjects, RowFigures } from '../contracts/analytics-rollup.ts'
import { row } from './row-type.ts'

/** What answers of one connection are made with, besides sums and rows. */
export interface AnalyticsView {
  readonly timeZone: string
  /** Today, in that zone. */
  readonly day: string
  /** Null where no rollup has come to its end yet. */
  readonly resultsRevision: number | null
  /** What the rollup was made of was in the org then. */
  readonly asOf: Date | null
  readonly pulled: PulledObjects
  readonly rates: CurrencyRates | null
  /** Names of stages in the org's order. */
  readonly stageOrder: readonly string[]
  readonly rowFigures: RowFigures | null
}

interface ViewRow {
  readonly timeZone: string
  readonly day: string
  readonly resultsRevision: number | null
  readonly asOf: Date | null
  readonly marks: Readonly<Record<string, string | null>>
  readonly currencies: readonly {
    readonly code: string
    readonly rate: number | null
    readonly corporate: boolean
  }[]
  readonly stages: readonly string[]
  readonly rowFigures: RowFigures | null
}

export function createAnalyticsViewQueries(connection: CommonQueryMethods) {
  return {
    /** All at one moment. A connection without a mirror has a view too: of nothing. */
    async get(connectionId: string, range: DateRange): Promise<AnalyticsView> {
      const found = await connection.one(sql.type(row<ViewRow>())`
        with zone as (
          select coalesce((select time_zone from analytics_rollups where connection_id = ${connectionId}),
            (select time_zone from mirror_runs where connection_id = ${connectionId}), 'UTC') as name
        )
        select zone.name as "timeZone", (now() at time zone zone.name)::date::text as day,
          r.results_revision::float8 as "resultsRevision", r.results_as_of as "asOf",
          coalesce((select jsonb_object_agg(object, to_char(as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            from mirror_watermarks where connection_id = ${connectionId}), '{}') as marks,
          coalesce((select jsonb_agg(jsonb_build_object('code', iso_code, 'rate', conversion_rate,
            'corporate', is_corporate is true) order by iso_code)
            from mirror_currencies where connection_id = ${connectionId}), '[]') as currencies,
          coalesce((select jsonb_agg(name order by sort_order, name)
            from mirror_stages where connection_id = ${connectionId}), '[]') as stages,
          (select result from analytics_results where connection_id = ${connectionId}
            and report = 'row_figures' and date_range = ${range}) as "rowFigures"
        from zone left join analytics_rollups r on r.connection_id = ${connectionId}`)
      const pulled = (object: string) => ({ asOf: found.marks[object] ?? null })
      return {
        timeZone: found.timeZone,
        day: found.day,
        resultsRevision: found.resultsRevision,
        asOf: found.asOf,
        pulled: {
          opportunity: pulled('Opportunity'),
          history: pulled('OpportunityHistory'),
          lead: pulled('Lead'),
          account: pulled('Account'),
          stage: pulled('OpportunityStage'),
          user: pulled('User'),
        },
        rates: ratesOf(found.currencies),
        stageOrder: found.stages,
        rowFigures: found.rowFigures,
      }
    },

    /** Names of users, by id. */
    async userNames(connectionId: string, ids: readonly string[]): Promise<Map<string, string>> {
      const found = await connection.any(sql.type(row<{ id: string; name: string }>())`
        select id, name from mirror_users
        where connection_id = ${connectionId} and name is not null
          and id = any(${sql.array([...ids], 'text')})`)
      return new Map(found.map(({ id, name }) => [id, name]))
    },
  }
}

function ratesOf(currencies: ViewRow['currencies']): CurrencyRates | null {
  const corporate = currencies.find((each) => each.corporate)
  if (corporate === undefined) return null
  const known = currencies.filter((each) => each.rate !== null)
  return {
    corporate: corporate.code,
    perCorporateUnit: Object.fromEntries(known.map(({ code, rate }) => [code, rate ?? 1])),
  }
}
