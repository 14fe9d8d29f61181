-- Figures of each day, added up from what happened, and the queue of what is to be added up again.

-- Buckets whose figures may be out of date, of every rollup there is. What a bucket is, its metric says: a day, or a
-- day of a connection.
create table rollup_dirty_buckets (
  workspace_id text not null references workspaces,
  metric text not null,
  bucket text not null,
  -- Advances with each mark: a mark that comes while the bucket is added up leaves it dirty.
  revision bigint not null default 1,
  marked_at timestamptz not null default now(),
  -- Later than now for one that failed, or was marked while it was added up.
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  last_error text,
  primary key (workspace_id, metric, bucket)
);
create index rollup_dirty_buckets_due on rollup_dirty_buckets (metric, due_at);
alter table rollup_dirty_buckets set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('rollup_dirty_buckets');
grant select, insert, update on rollup_dirty_buckets to conveyor_system;

-- Adds two rows of counts place by place; the shorter one counts as zero where it has none.
create function add_counts(one bigint[], other bigint[]) returns bigint[] language sql immutable parallel safe
  return (select coalesce(array_agg(coalesce(a, 0) + coalesce(b, 0) order by place), '{}')
    from unnest(one, other) with ordinality as counts (a, b, place));
create aggregate sum_counts(bigint[]) (sfunc = add_counts, stype = bigint[], initcond = '{}');

-- Partials, not averages: days and connections of different weight add up.
alter table api_call_counters
  -- Answered with an error, or not at all.
  add column errors bigint not null default 0,
  add column response_count bigint not null default 0,
  add column response_ms bigint not null default 0,
  -- By the bounds of contracts/response-times.ts.
  add column response_buckets bigint[] not null default '{}',
  -- Of bodies, both ways.
  add column bytes bigint not null default 0;

alter table salesforce_realtime_analytics
  add column connection_id text,
  -- Where the figure belongs to an earlier day than that of created_at.
  add column metric_date date;
create index salesforce_realtime_analytics_late on salesforce_realtime_analytics (workspace_id, metric_date)
  where metric_date is not null;

create index bulk_loads_settled on bulk_loads (workspace_id, settled_at) where settled_at is not null;

-- One row a day, connection and caller; the days are those of UTC. Written by the rollup alone, whole days at a time.
create table salesforce_integration_metrics (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  metric_date date not null,
  connection_id text references connections,
  -- As callers of the legacy routes name themselves; null where nobody is named.
  user_id text,
  api_calls bigint not null default 0,
  webhooks_received bigint not null default 0,
  bulk_jobs_created bigint not null default 0,
  records_processed bigint not null default 0,
  call_errors bigint not null default 0,
  record_errors bigint not null default 0,
  event_errors bigint not null default 0,
  errors_count bigint not null generated always as (call_errors + record_errors + event_errors) stored,
  response_count bigint not null default 0,
  response_ms bigint not null default 0,
  response_buckets bigint[] not null default '{}',
  -- Milliseconds; null where nothing was answered. Of several rows the partials are added, never this.
  avg_response_time double precision
    generated always as (response_ms::double precision / nullif(response_count, 0)) stored,
  bytes bigint not null default 0,
  data_transferred_kb double precision not null generated always as (bytes / 1024.0::double precision) stored,
  created_at timestamptz not null default now(),
  unique nulls not distinct (workspace_id, metric_date, connection_id, user_id)
);
-- Of all workspaces: who was active on a day.
create index salesforce_integration_metrics_day on salesforce_integration_metrics (metric_date);
call protect_tenant_table('salesforce_integration_metrics');
grant select on salesforce_integration_metrics to conveyor_system;

-- Days that were before there were figures are added up once; the next run of the rollup takes them.
insert into rollup_dirty_buckets (workspace_id, metric, bucket)
select distinct workspace_id, 'integration', day::text from (
  select workspace_id, day from api_call_counters
  union all
  select workspace_id, (created_at at time zone 'utc')::date from salesforce_bulk_jobs
  union all
  select workspace_id, (created_at at time zone 'utc')::date from salesforce_realtime_analytics) seen
where day >= (now() at time zone 'utc')::date - 88
on conflict do nothing;

-- Seconds since the mirror of an object was last known to be complete, of the one furthest behind. Null where nothing
-- is mirrored. The table may come with another migration.
create function mirror_lag_seconds() returns double precision language plpgsql stable as $$
declare
  lag double precision;
begin
  if to_regclass('mirror_watermarks') is null then
    return null;
  end if;
  -- A connection that is gone is not behind.
  execute 'select extract(epoch from now() - min(m.as_of))::double precision
    from mirror_watermarks m join connections c using (connection_id)
    where c.deleted_at is null and c.revoked_at is null' into lag;
  return lag;
end
$$;
do $$
begin
  if to_regclass('mirror_watermarks') is not null then
    grant select on mirror_watermarks to conveyor_system;
  end if;
end
$$;

-- Caches that come with other migrations are cleaned where they are there.
create or replace function cleanup_expired_cache() returns integer language plpgsql as $$
declare
  removed integer := 0;
  part integer;
  cache record;
begin
  delete from salesforce_webhook_activity_log where created_at < now() - interval '1 year';
  get diagnostics part = row_count;
  removed := removed + part;
  delete from salesforce_realtime_analytics where created_at < now() - interval '90 days';
  get diagnostics part = row_count;
  removed := removed + part;
  for cache in
    select c.oid::regclass as name, a.attname as expires
    from (values ('salesforce_custom_objects_cache', 'expires_at'), ('salesforce_analytics_cache', 'expires_at'),
      ('salesforce_predictive_insights', 'valid_until')) known (name, expires)
    join pg_class c on c.oid = to_regclass(known.name)
    join pg_attribute a on a.attrelid = c.oid and a.attname = known.expires and not a.attisdropped
  loop
    execute format('delete from %s where %I < now()', cache.name, cache.expires);
    get diagnostics part = row_count;
    removed := removed + part;
  end loop;
  return removed;
end
$$;
