-- Rollups of the mirror: what can be added up, by day and key. A bucket is replaced whole, from the rows that the mirror
-- holds, so that it may be computed any number of times.

create sequence analytics_revision;
grant usage on sequence analytics_revision to conveyor_app, conveyor_system;

create table analytics_buckets (
  connection_id text not null references connections,
  metric text not null,
  -- The day, in the time zone of the rollup, that the metric's date falls on.
  bucket date not null,
  key_kind text not null,
  -- Empty for what the row does not say, and for the kind `all`.
  key text not null,
  -- Empty in an org of one currency.
  currency text not null,
  workspace_id text not null references workspaces,
  count bigint not null,
  count_amount bigint not null,
  sum_amount numeric not null,
  sum_squares numeric not null,
  min_amount numeric,
  max_amount numeric,
  count_expected bigint not null,
  sum_expected numeric not null,
  count_probability bigint not null,
  sum_probability numeric not null,
  -- Days from creation, where the metric is an end; rows whose dates run backwards are left out.
  count_days bigint not null,
  sum_days bigint not null,
  count_employees bigint not null,
  sum_employees bigint not null,
  revision bigint not null,
  computed_at timestamptz not null default now(),
  primary key (connection_id, metric, key_kind, bucket, key, currency)
);
create index analytics_buckets_day on analytics_buckets (connection_id, metric, bucket);
call protect_tenant_table('analytics_buckets');

-- Days whose rows have changed since their buckets were computed. A mark is written in the transaction that changes the
-- rows, and taken away in the one that computes the day: whichever comes second waits for the other.
create table analytics_dirty_buckets (
  connection_id text not null references connections,
  subject text not null check (subject in ('opportunity', 'lead', 'account')),
  bucket date not null,
  workspace_id text not null references workspaces,
  marked_at timestamptz not null default now(),
  primary key (connection_id, subject, bucket)
);
call protect_tenant_table('analytics_dirty_buckets');

-- One row a connection whose mirror is rolled up.
create table analytics_rollups (
  connection_id text primary key references connections,
  workspace_id text not null references workspaces,
  -- Of the days of all buckets.
  time_zone text not null,
  -- Since when all buckets are computed anew, and how many there were; null where no backfill is under way.
  backfill_started_at timestamptz,
  backfill_days bigint,
  -- No day was marked then.
  drained_at timestamptz,
  -- Results that need rows were computed then, of the mirror as of that time; the revision tells one computation from
  -- the next.
  results_at timestamptz,
  results_as_of timestamptz,
  results_revision bigint
);
call protect_tenant_table('analytics_rollups');

-- Figures that need rows and not sums: computed after each drain, for each range that callers may ask for.
create table analytics_results (
  connection_id text not null references connections,
  report text not null,
  date_range text not null,
  workspace_id text not null references workspaces,
  result jsonb not null,
  computed_at timestamptz not null default now(),
  primary key (connection_id, report, date_range)
);
call protect_tenant_table('analytics_results');

create table salesforce_analytics_cache (
  id bigint generated always as identity primary key,
  user_id text not null,
  analytics_type text not null,
  date_range text not null,
  cache_data jsonb not null,
  generated_at timestamptz not null default now(),
  expires_at timestamptz not null,
  connection_id text not null references connections,
  workspace_id text not null references workspaces,
  -- Another connection may have become the user's since.
  unique (workspace_id, user_id, analytics_type, date_range, connection_id)
);
create index salesforce_analytics_cache_expires on salesforce_analytics_cache (expires_at);
create index salesforce_analytics_cache_connection on salesforce_analytics_cache (connection_id);
call protect_tenant_table('salesforce_analytics_cache');

create table salesforce_predictive_insights (
  id bigint generated always as identity primary key,
  user_id text,
  insight_type text not null,
  object_type text not null,
  object_id text not null,
  confidence_score numeric(3, 2) check (confidence_score between 0 and 1),
  prediction jsonb not null,
  generated_at timestamptz not null default now(),
  valid_until timestamptz not null,
  connection_id text not null references connections,
  workspace_id text not null references workspaces
);
create index salesforce_predictive_insights_of
  on salesforce_predictive_insights (connection_id, insight_type, id);
create index salesforce_predictive_insights_valid on salesforce_predictive_insights (valid_until);
call protect_tenant_table('salesforce_predictive_insights');

-- Marks come from the tables themselves, so that no way of writing to them can forget one. A moment is marked with every
-- day that it can be anywhere on earth: which of them it is depends on a time zone that may change.
create function analytics_days(moment timestamptz) returns setof date
language sql immutable parallel safe as $$
  select distinct d from (values
    (((moment at time zone 'UTC') - interval '12 hours')::date),
    ((moment at time zone 'UTC')::date),
    (((moment at time zone 'UTC') + interval '14 hours')::date)) as days (d)
  where d is not null
$$;

create function mark_analytics_days() returns trigger language plpgsql as $$
declare
  -- Of which table, and which of its columns hold days.
  subject text := tg_argv[0];
  day_column text := tg_argv[1];
  transition text := case tg_op when 'DELETE' then 'old_rows' else 'new_rows' end;
  rows_of text := format('select r.* from %I r', transition);
begin
  if tg_op = 'UPDATE' then
    rows_of := 'select r.* from new_rows r union all select r.* from old_rows r';
  end if;
  execute format(
    'insert into analytics_dirty_buckets (connection_id, subject, bucket, workspace_id)
       select distinct on (r.connection_id, d.day) r.connection_id, %L, d.day, r.workspace_id
       from (%s) r
       cross join lateral (
         select analytics_days(r.created_date) union select %s) as d (day)
       where d.day is not null
       order by r.connection_id, d.day
     -- Changes nothing, but waits for whoever computes the day, and keeps others from it until this transaction ends.
     on conflict (connection_id, subject, bucket) do update set marked_at = now() where false',
    subject, rows_of, case day_column when '' then 'null::date' else format('r.%I', day_column) end);
  return null;
end
$$;

do $$
declare
  t record;
begin
  for t in
    select * from (values
      ('mirror_opportunities', 'opportunity', 'close_date'),
      ('mirror_leads', 'lead', 'converted_date'),
      ('mirror_accounts', 'account', '')) as v (table_name, subject, day_column)
  loop
    execute format(
      'create trigger mark_inserted after insert on %I referencing new table as new_rows
         for each statement execute function mark_analytics_days(%L, %L)', t.table_name, t.subject, t.day_column);
    execute format(
      'create trigger mark_updated after update on %I referencing old table as old_rows new table as new_rows
         for each statement execute function mark_analytics_days(%L, %L)', t.table_name, t.subject, t.day_column);
    execute format(
      'create trigger mark_deleted after delete on %I referencing old table as old_rows
         for each statement execute function mark_analytics_days(%L, %L)', t.table_name, t.subject, t.day_column);
  end loop;
end
$$;
