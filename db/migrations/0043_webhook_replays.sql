-- Deliveries that are to be made again, or for the first time, by a walk over what is stored.

create table webhook_replays (
  replay_id text primary key,
  workspace_id text not null references workspaces,
  -- failed: deliveries that failed; missing: events that the subscription did not get; event: one event to all that
  -- match it now.
  kind text not null check (kind in ('failed', 'missing', 'event')),
  -- Null for an event to all.
  subscription_id text references salesforce_webhook_subscriptions,
  event_id text,
  since timestamptz not null,
  -- Not later than its start: it does not walk over what it makes itself.
  until timestamptz not null,
  -- The last row that was looked at, moved in the transaction that acts on it; null before the first.
  cursor_at timestamptz,
  cursor_id text,
  -- Rows looked at, rows that fit, deliveries made.
  looked_at bigint not null default 0,
  found bigint not null default 0,
  queued bigint not null default 0,
  state text not null default 'running' check (state in ('running', 'completed', 'cancelled', 'failed')),
  -- A person wants it to end.
  cancel_asked boolean not null default false,
  error text,
  created_by text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((kind = 'event') = (event_id is not null)),
  check ((kind = 'event') = (subscription_id is null)),
  check ((state = 'running') = (ended_at is null))
);
create index webhook_replays_listed on webhook_replays (workspace_id, created_at desc, replay_id desc);
create index webhook_replays_ended on webhook_replays (ended_at) where ended_at is not null;
-- One walk of a kind over a subscription at a time: two would make everything twice.
create unique index webhook_replays_one_running on webhook_replays (subscription_id, kind)
  where state = 'running' and subscription_id is not null;
create unique index webhook_replays_one_of_event on webhook_replays (event_id)
  where state = 'running' and event_id is not null;
call protect_tenant_table('webhook_replays');
grant select, update, delete on webhook_replays to conveyor_system;

alter table workflow_starts drop constraint workflow_starts_kind_check;
alter table workflow_starts add constraint workflow_starts_kind_check check (kind in ('bulk-job', 'replay'));

-- Keys of requests that made something else than a job.
comment on column idempotency_keys.job_id is 'The id of what the request made: a bulk job, a webhook subscription.';

-- A moment as text that loses nothing: pages go on from exactly there.
create function exact_time(moment timestamptz) returns text language sql stable parallel safe
  return to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
