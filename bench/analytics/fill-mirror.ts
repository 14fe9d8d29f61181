import { sql } from 'slonik'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { CommonQueryMethods } from '../../db/pool.ts'

/** Writes the mirror of an org of so many opportunities, as many leads and half as many accounts, three years deep. */
export async function fillMirror(connection: CommonQueryMethods, rows: number): Promise<void> {
  const owner = sql.fragment`${DEFAULT_CONNECTION_ID}, ${DEFAULT_WORKSPACE_ID}`
  await connection.query(sql.unsafe`
    insert into mirror_stages (connection_id, workspace_id, id, name, sort_order, is_closed, is_won)
    select ${owner}, 's' || n, stage, n, n > 4, n = 5
    from unnest(array['Prospecting', 'Qualification', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'])
      with ordinality as s (stage, n)`)
  await connection.query(sql.unsafe`
    insert into mirror_users (connection_id, workspace_id, id, name, is_active, system_modstamp)
    select ${owner}, '005' || n, 'Seller ' || n, true, now() from generate_series(1, 50) n`)
  await connection.query(sql.unsafe`
    insert into mirror_opportunities (connection_id, workspace_id, id, name, account_id, owner_id, stage_name, amount,
      probability, expected_revenue, close_date, is_closed, is_won, forecast_category, lead_source, type, created_date,
      system_modstamp)
    select ${owner}, '006' || lpad(n::text, 12, '0'), 'Deal ' || n, '001' || lpad((n % (${rows}::int / 2) + 1)::text, 12, '0'),
      '005' || n % 50 + 1,
      (array['Prospecting', 'Qualification', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'])[stage],
      n % 50000, 10 * stage, n % 50000 * stage / 10.0, created::date + 60 + n % 30, stage > 4, stage = 5, 'Pipeline',
      (array['Web', 'Partner', 'Phone'])[n % 3 + 1], 'New Business', created, created
    from generate_series(1, ${rows}::int) n
    cross join lateral (select now() - make_interval(mins => (n::bigint * 7919 % 1576800)::int) as created) c
    cross join lateral (select case when created > now() - interval '60 days' then n % 4 + 1 else n % 2 + 5 end as stage) s`)
  await connection.query(sql.unsafe`
    insert into mirror_opportunity_history (connection_id, workspace_id, id, opportunity_id, stage_name, amount,
      probability, close_date, created_date, system_modstamp)
    select o.connection_id, o.workspace_id, '008' || substr(o.id, 4) || k, o.id,
      case k when 0 then 'Prospecting' else o.stage_name end, o.amount, o.probability, o.close_date,
      o.created_date + k * interval '20 days', o.created_date
    from mirror_opportunities o cross join generate_series(0, 1) k`)
  await connection.query(sql.unsafe`
    insert into mirror_leads (connection_id, workspace_id, id, status, lead_source, rating, owner_id, is_converted,
      converted_date, created_date, system_modstamp)
    select ${owner}, '00Q' || lpad(n::text, 12, '0'), (array['Open', 'Working', 'Closed'])[n % 3 + 1],
      (array['Web', 'Partner', 'Phone'])[n % 3 + 1], 'Warm', '005' || n % 50 + 1, n % 5 = 0,
      case when n % 5 = 0 then created::date + 20 end, created, created
    from generate_series(1, ${rows}::int) n
    cross join lateral (select now() - make_interval(mins => (n::bigint * 104729 % 1576800)::int) as created) c`)
  await connection.query(sql.unsafe`
    insert into mirror_accounts (connection_id, workspace_id, id, name, industry, type, annual_revenue,
      number_of_employees, owner_id, created_date, system_modstamp)
    select ${owner}, '001' || lpad(n::text, 12, '0'), 'Account ' || n, 'Industry ' || n % 12,
      (array['Customer', 'Prospect'])[n % 2 + 1], n * 1000.0, n % 900, '005' || n % 50 + 1, created, created
    from generate_series(1, ${rows}::int / 2) n
    cross join lateral (select now() - make_interval(mins => (n::bigint * 15485863 % 1576800)::int) as created) c`)
  await connection.query(sql.unsafe`
    insert into mirror_watermarks (connection_id, workspace_id, object, as_of, first_load_finished_at)
    select ${owner}, o, now(), now()
    from unnest(array['Opportunity', 'OpportunityHistory', 'Lead', 'Account', 'User', 'OpportunityStage']) o
    on conflict (connection_id, object) do update set as_of = now()`)
}
