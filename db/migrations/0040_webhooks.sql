-- What Salesforce told us, who wants to know, and what became of telling them.

create table salesforce_webhook_subscriptions (
  subscription_id text primary key,
  workspace_id text not null references workspaces,
  user_id text,
  -- Null: events of every connection of the workspace.
  connection_id text references connections,
  object_type text not null,
  -- Patterns of event types, as the caller wrote them.
  events jsonb not null,
  callback_url text not null,
  description text,
  -- {"changed_fields": […], "equals": {…}}; null takes every event of the types.
  filter jsonb,
  -- Always sealed. The previous one signs too until it expires.
  secret bytea not null,
  previous_secret bytea,
  previous_secret_expires_at timestamptz,
  -- Null: no limit but the concurrency.
  rate_per_second double precision check (rate_per_second > 0),
  concurrency smallint not null default 10 check (concurrency between 1 and 100),
  -- record: deliveries of one record one after the other, in order.
  ordering text not null default 'none' check (ordering in ('none', 'record')),
  -- The pump that delivers to it.
  shard smallint not null,
  paused_at timestamptz,
  disabled_at timestamptz,
  -- When it was last paused or disabled no more.
  resumed_at timestamptz,
  -- Why it is paused or disabled, for people.
  state_reason text,
  deleted_at timestamptz,
  active boolean generated always as (paused_at is null and disabled_at is null and deleted_at is null) stored,
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index salesforce_webhook_subscriptions_listed
  on salesforce_webhook_subscriptions (workspace_id, created_at desc, subscription_id desc) where deleted_at is null;
create trigger salesforce_webhook_subscriptions_updated_at before update on salesforce_webhook_subscriptions
  for each row execute function update_updated_at_column();
call protect_tenant_table('salesforce_webhook_subscriptions');
grant select on salesforce_webhook_subscriptions to conveyor_system;

-- In small letters, as Salesforce's names differ in nothing but case. One look-up a pattern, by operators that
-- row-level security lets an index be used for.
create table webhook_subscription_patterns (
  workspace_id text not null references workspaces,
  pattern text not null,
  subscription_id text not null references salesforce_webhook_subscriptions on delete cascade,
  primary key (workspace_id, pattern, subscription_id)
);
create index webhook_subscription_patterns_of on webhook_subscription_patterns (subscription_id);
call protect_tenant_table('webhook_subscription_patterns');

-- One row a record and change. No foreign key leads here: partitions are dropped whole.
create table salesforce_webhook_events (
  event_id text not null,
  created_at timestamptz not null default now(),
  workspace_id text not null,
  connection_id text,
  -- Always null: an event goes to many. Kept for those who select it; see webhook_deliveries.
  subscription_id text,
  -- webhook, outbound_message; conveyor: what we tell of ourselves.
  source text not null check (source in ('webhook', 'outbound_message', 'conveyor')),
  event_type text not null,
  object_type text not null,
  object_id text not null,
  change_type text not null,
  changed_fields jsonb not null default '[]',
  -- One of the two: sealed with a key, readable without one.
  payload jsonb,
  sealed_payload bytea,
  -- When it happened, as the sender says.
  occurred_at timestamptz not null,
  request_id text,
  -- True once every delivery of it is a row.
  processed boolean not null default false,
  processed_at timestamptz,
  -- The place in its workspace's stream of events, in the order of processing.
  position bigint,
  -- Why it could not be processed; a replay tries again.
  error text,
  primary key (event_id, created_at),
  check (num_nonnulls(payload, sealed_payload) = 1)
) partition by range (created_at);
create index salesforce_webhook_events_listed on salesforce_webhook_events (workspace_id, created_at desc, event_id desc);
create index salesforce_webhook_events_position on salesforce_webhook_events (workspace_id, position);
create index salesforce_webhook_events_object on salesforce_webhook_events (workspace_id, object_id, created_at desc);
call protect_tenant_table('salesforce_webhook_events');

-- Events that wait to be processed. Like the other tables that every event is written to, it does not refer to
-- workspaces, which are never removed: each row would lock the workspace's.
create table webhook_event_queue (
  event_id text primary key,
  event_created_at timestamptz not null,
  workspace_id text not null,
  shard smallint not null,
  -- In the order of arrival.
  sequence bigint generated always as identity
);
create index webhook_event_queue_shard on webhook_event_queue (shard, workspace_id, sequence);
alter table webhook_event_queue set (autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('webhook_event_queue');
grant select on webhook_event_queue to conveyor_system;

-- What has been taken in, so that a sender who repeats himself is told so and nothing else happens.
create table webhook_dedupe_keys (
  connection_id text not null,
  -- SHA-256 of what tells deliveries apart.
  delivery_key bytea not null,
  workspace_id text not null,
  received_at timestamptz not null default now(),
  primary key (connection_id, delivery_key)
);
create index webhook_dedupe_keys_age on webhook_dedupe_keys (received_at);
call protect_tenant_table('webhook_dedupe_keys');
grant select, delete on webhook_dedupe_keys to conveyor_system;

-- One row an event and subscription that it goes to; what is still to be sent is also in the queue below.
create table webhook_deliveries (
  delivery_id text not null,
  created_at timestamptz not null default now(),
  workspace_id text not null,
  subscription_id text not null,
  event_id text not null,
  event_created_at timestamptz not null,
  event_type text not null,
  object_id text not null,
  -- event, test, resend, replay
  origin text not null,
  replay_id text,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed', 'cancelled')),
  attempts smallint not null default 0,
  last_attempt_at timestamptz,
  last_status smallint,
  -- What kind of trouble the last attempt met; null after a success.
  last_error text,
  ended_at timestamptz,
  primary key (delivery_id, created_at)
) partition by range (created_at);
create index webhook_deliveries_listed on webhook_deliveries (workspace_id, created_at desc, delivery_id desc);
create index webhook_deliveries_of_subscription
  on webhook_deliveries (subscription_id, created_at desc, delivery_id desc);
create index webhook_deliveries_of_event on webhook_deliveries (event_id);
call protect_tenant_table('webhook_deliveries');

-- Deliveries that are to be sent: the only backlog. Claimed by moving due_at past the longest attempt, so a crash needs
-- no repair.
create table webhook_delivery_queue (
  sequence bigint generated always as identity primary key,
  delivery_id text not null,
  delivery_created_at timestamptz not null,
  workspace_id text not null,
  subscription_id text not null references salesforce_webhook_subscriptions on delete cascade,
  shard smallint not null,
  event_id text not null,
  event_created_at timestamptz not null,
  attempts smallint not null default 0,
  -- The place on the ladder of retries; an attempt that was told to come later takes none.
  step smallint not null default 0,
  -- Begins the time that its retries may take.
  first_attempt_at timestamptz,
  -- infinity: behind an earlier one of its record.
  due_at timestamptz not null default now(),
  -- Of the attempt under way; what was written by an older one counts no more.
  attempt_token uuid,
  -- The record, where its deliveries go one after the other.
  ordered_by text
);
-- First attempts before retries: no retry holds up what is new.
create index webhook_delivery_queue_due
  on webhook_delivery_queue (shard, subscription_id, (attempts > 0), due_at, sequence);
create index webhook_delivery_queue_ordered on webhook_delivery_queue (subscription_id, ordered_by, sequence)
  where ordered_by is not null;
create unique index webhook_delivery_queue_delivery on webhook_delivery_queue (delivery_id);
alter table webhook_delivery_queue set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('webhook_delivery_queue');
grant select, update on webhook_delivery_queue to conveyor_system;

create table webhook_delivery_attempts (
  attempt_id text not null,
  started_at timestamptz not null,
  workspace_id text not null,
  subscription_id text not null,
  delivery_id text not null,
  event_id text not null,
  -- From 1.
  number smallint not null,
  -- schedule, probe (of an endpoint in trouble), manual
  cause text not null,
  url text not null,
  request_bytes integer not null,
  duration_ms integer not null,
  -- Null where no answer came.
  status smallint,
  -- Null for a success; otherwise dns, tls, timeout, http_status …
  error text,
  error_message text,
  -- The answer's beginning, as text.
  response_body text,
  response_truncated boolean not null default false,
  -- Null where none follows.
  next_attempt_at timestamptz,
  primary key (attempt_id, started_at)
) partition by range (started_at);
create index webhook_delivery_attempts_of on webhook_delivery_attempts (delivery_id, number);
create index webhook_delivery_attempts_of_subscription
  on webhook_delivery_attempts (subscription_id, started_at desc);
call protect_tenant_table('webhook_delivery_attempts');

-- How an endpoint fares. A row comes with its first failure or success.
create table webhook_endpoints (
  subscription_id text primary key references salesforce_webhook_subscriptions on delete cascade,
  workspace_id text not null references workspaces,
  shard smallint not null,
  consecutive_failures integer not null default 0,
  -- Its last attempt ran into the time-out: it shares the slow lane.
  slow boolean not null default false,
  -- Nothing is sent before: Retry-After, or trouble.
  held_until timestamptz,
  -- Since when it is in trouble; a workflow then owns its retries.
  troubled_at timestamptz,
  -- When the workflow tries it again.
  next_probe_at timestamptz,
  -- Probes that failed in this trouble.
  failed_probes integer not null default 0,
  first_failure_at timestamptz,
  last_failure_at timestamptz,
  last_success_at timestamptz,
  last_status smallint,
  last_error text,
  -- When its owner was last told of trouble.
  told_at timestamptz
);
create index webhook_endpoints_troubled on webhook_endpoints (next_probe_at) where troubled_at is not null;
alter table webhook_endpoints set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('webhook_endpoints');
grant select, update on webhook_endpoints to conveyor_system;

-- The last position of each workspace's stream. Its row is held for the end of a batch, so that positions are seen in
-- their order: a reader who has seen one misses none before it.
create table webhook_positions (
  workspace_id text primary key references workspaces,
  last_position bigint not null
);
alter table webhook_positions set (fillfactor = 50);
call protect_tenant_table('webhook_positions');

-- Figures added up once a batch.
create table salesforce_realtime_analytics (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  metric_type text not null,
  object_type text,
  metric_value numeric not null default 1,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index salesforce_realtime_analytics_recent on salesforce_realtime_analytics (workspace_id, created_at);
call protect_tenant_table('salesforce_realtime_analytics');
grant select, delete on salesforce_realtime_analytics to conveyor_system;

create table salesforce_webhook_activity_log (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  user_id text,
  -- subscription.created, endpoint.failing …
  activity_type text not null,
  object_type text,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index salesforce_webhook_activity_log_listed on salesforce_webhook_activity_log (workspace_id, id desc);
create index salesforce_webhook_activity_log_age on salesforce_webhook_activity_log (created_at);
call protect_tenant_table('salesforce_webhook_activity_log');
grant select, delete on salesforce_webhook_activity_log to conveyor_system;

create view webhook_performance with (security_invoker = true) as
select
  created_at::date as event_date,
  object_type,
  change_type,
  count(*) as event_count,
  count(*) filter (where processed) as processed_count,
  avg(extract(epoch from processed_at - created_at)) filter (where processed) as avg_processing_time_seconds
from salesforce_webhook_events
where created_at >= now() - interval '30 days'
group by 1, 2, 3;
grant select on webhook_performance to conveyor_app;

create view realtime_metrics_summary with (security_invoker = true) as
select
  created_at::date as metric_date,
  metric_type,
  sum(metric_value) as total_value,
  count(*) as event_count
from salesforce_realtime_analytics
where created_at >= now() - interval '7 days'
group by 1, 2;
grant select on realtime_metrics_summary to conveyor_app;

-- Partitions are made and dropped as the tables' owner, whoever asks. Those who may ask are named below.
do $$
begin
  execute format($make$
    create function make_webhook_partitions(days_ahead integer) returns integer
      language plpgsql security definer set search_path = %1$I, pg_temp as $body$
    declare
      parent text;
      day date;
      name text;
      made integer := 0;
    begin
      -- One at a time; the next one finds nothing left to do.
      perform pg_advisory_xact_lock(hashtext('conveyor webhook partitions'));
      foreach parent in array array['salesforce_webhook_events', 'webhook_deliveries', 'webhook_delivery_attempts'] loop
        for offset_days in -1 .. days_ahead loop
          day := (now() at time zone 'utc')::date + offset_days;
          name := parent || '_' || to_char(day, 'YYYYMMDD');
          continue when to_regclass(format('%1$I.%%I', name)) is not null;
          -- Attached, not made in place: that would hold up whoever writes.
          -- Room for the one change that most rows see: without it, each writes all their indexes again.
          execute format('create table %%I (like %%I including defaults including constraints including indexes)
            with (fillfactor = 80)', name, parent);
          execute format('alter table %%I enable row level security', name);
          execute format('alter table %%I attach partition %%I for values from (%%L) to (%%L)', parent, name,
            day::text || ' 00:00+00', (day + 1)::text || ' 00:00+00');
          made := made + 1;
        end loop;
      end loop;
      return made;
    end
    $body$ $make$, current_schema());
  -- One day of one table a call: dropping it locks its parent until the transaction ends, and whoever holds one parent
  -- and waits for the next may be waiting for a pump that holds that one and wants the first. Call it until it gives 0.
  execute format($drop$
    create function drop_webhook_partitions(older_than_days integer) returns integer
      language plpgsql security definer set search_path = %1$I, pg_temp as $body$
    declare
      part record;
      day date;
    begin
      perform pg_advisory_xact_lock(hashtext('conveyor webhook partitions'));
      perform set_config('lock_timeout', '2s', true);
      for part in
        select i.inhrelid::regclass as name, c.relname
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('salesforce_webhook_events'::regclass, 'webhook_deliveries'::regclass,
          'webhook_delivery_attempts'::regclass)
      loop
        day := to_date(right(part.relname, 8), 'YYYYMMDD');
        continue when day >= (now() at time zone 'utc')::date - greatest(older_than_days, 3);
        -- What is not at its end keeps what belongs to it.
        continue when exists (select from webhook_event_queue
          where event_created_at < (day + 1)::timestamp at time zone 'utc');
        continue when exists (select from webhook_delivery_queue
          where event_created_at < (day + 1)::timestamp at time zone 'utc');
        execute format('drop table %%s', part.name);
        return 1;
      end loop;
      return 0;
    end
    $body$ $drop$, current_schema());
  -- Of a table that was never analysed Postgres believes that a workspace has one row a day, and reads the whole day for
  -- each row that it looks for. Its own analysis may come a minute and thousands of rows late.
  execute format($analyze$
    create function analyze_new_webhook_partitions() returns integer
      language plpgsql security definer set search_path = %1$I, pg_temp as $body$
    declare
      part record;
      analyzed integer := 0;
    begin
      for part in
        select c.oid::regclass as name
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('salesforce_webhook_events'::regclass, 'webhook_deliveries'::regclass,
          'webhook_delivery_attempts'::regclass)
          and c.reltuples < 0 and pg_relation_size(c.oid) >= 65536
      loop
        -- Another worker is at it.
        exit when not pg_try_advisory_xact_lock(hashtext('conveyor webhook partitions'));
        execute format('analyze %%s', part.name);
        analyzed := analyzed + 1;
      end loop;
      return analyzed;
    end
    $body$ $analyze$, current_schema());
end
$$;
revoke execute on function make_webhook_partitions(integer), drop_webhook_partitions(integer),
  analyze_new_webhook_partitions() from public;
grant execute on function make_webhook_partitions(integer), drop_webhook_partitions(integer),
  analyze_new_webhook_partitions() to conveyor_system;
select make_webhook_partitions(14);

-- As callers of the replaced service know it. Tables that come with later releases add to it.
create function cleanup_expired_cache() returns integer language plpgsql as $$
declare
  removed integer := 0;
  part integer;
begin
  delete from salesforce_webhook_activity_log where created_at < now() - interval '1 year';
  get diagnostics part = row_count;
  removed := removed + part;
  delete from salesforce_realtime_analytics where created_at < now() - interval '90 days';
  get diagnostics part = row_count;
  return removed + part;
end
$$;
