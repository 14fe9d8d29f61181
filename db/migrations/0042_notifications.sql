-- Notices in Slack and Discord: where they go, what goes there, what waits and what was sent.

create table notification_channels (
  channel_id text primary key,
  workspace_id text not null references workspaces,
  kind text not null check (kind in ('slack', 'discord')),
  name text not null,
  -- environment: its URL stands in the environment of the workers, and is stored nowhere.
  origin text not null default 'api' check (origin in ('api', 'environment')),
  -- Always sealed: whoever knows it can post there.
  url bytea,
  -- Host and last four characters, for people.
  url_hint text not null,
  -- Of the environment's URL, SHA-256 in hex: another one is tried even where the old one was refused.
  url_digest text,
  disabled_at timestamptz,
  disabled_by text check (disabled_by in ('person', 'answer', 'environment')),
  -- Why it is disabled, for people.
  state_reason text,
  -- Nothing is sent before: the platform's pace, or its Retry-After.
  held_until timestamptz,
  -- The window that gathers items: begun with the last message that was made of any.
  window_began_at timestamptz,
  window_ms integer not null default 0,
  -- Whether many items end the window early; once, until it gets quieter.
  may_flush boolean not null default true,
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((url is null) = (origin = 'environment')),
  check ((disabled_at is null) = (disabled_by is null))
);
create index notification_channels_listed on notification_channels (workspace_id, created_at desc, channel_id desc);
alter table notification_channels set (fillfactor = 50);
call protect_tenant_table('notification_channels');
grant select on notification_channels to conveyor_system;

create table notification_rules (
  rule_id text primary key,
  workspace_id text not null references workspaces,
  channel_id text not null references notification_channels on delete cascade,
  name text not null,
  -- Patterns of event types, as the caller wrote them.
  events jsonb not null,
  -- The same as they are looked up. Rules of a workspace are few: they are read all.
  patterns text[] not null,
  -- {"changed_fields": […], "equals": {…}}; null takes every event of the types.
  filter jsonb,
  minimum_severity text not null check (minimum_severity in ('info', 'warning', 'error', 'critical')),
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index notification_rules_listed on notification_rules (workspace_id, created_at desc, rule_id desc);
create index notification_rules_channel on notification_rules (channel_id);
call protect_tenant_table('notification_rules');

create trigger notification_rules_updated_at before update on notification_rules
  for each row execute function update_updated_at_column();

-- What was sent, or is to be. An item is told of in one message, by name or in its number.
create table notification_messages (
  message_id text primary key,
  workspace_id text not null references workspaces,
  channel_id text not null references notification_channels on delete cascade,
  -- event: the first after a silence; digest; test: a person asked for it.
  cause text not null check (cause in ('event', 'digest', 'test')),
  item_count integer not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
  -- The platform refused its form: it goes as plain text.
  plain boolean not null default false,
  attempts integer not null default 0,
  -- Of the attempt under way; what an older one failed with counts no more.
  attempt_token uuid,
  attempted_at timestamptz,
  next_attempt_at timestamptz not null default now(),
  last_status smallint,
  -- What kind of trouble the last attempt met, and in words.
  last_error text,
  last_error_message text,
  -- The platform's own id of it, where it gives one.
  platform_id text,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
-- Ids are in order of time.
create index notification_messages_listed on notification_messages (channel_id, message_id);
create index notification_messages_pending on notification_messages (channel_id, next_attempt_at)
  where state = 'pending';
create index notification_messages_ended on notification_messages (ended_at) where state <> 'pending';
alter table notification_messages set (fillfactor = 70);
call protect_tenant_table('notification_messages');
grant select, delete on notification_messages to conveyor_system;

-- One row an event and channel, whichever and however many rules led it there, and however often it is queued.
create table notification_items (
  item_id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  channel_id text not null references notification_channels on delete cascade,
  -- The first rule that wanted it. A rule may go, what it led here stays.
  rule_id text not null,
  event_id text not null,
  event_type text not null,
  object_type text not null,
  object_id text not null,
  -- 0 info to 3 critical.
  severity smallint not null check (severity between 0 and 3),
  -- What is told of it besides: names of fields; of our own events figures and reasons. Nothing of a record.
  facts jsonb not null default '{}',
  occurred_at timestamptz not null,
  queued_at timestamptz not null default now(),
  -- The message that tells of it; null while it waits.
  message_id text
);
create unique index notification_items_once on notification_items (channel_id, event_id);
create index notification_items_waiting on notification_items (channel_id, queued_at) where message_id is null;
create index notification_items_of_message on notification_items (message_id, severity desc, item_id)
  where message_id is not null;
alter table notification_items set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('notification_items');
grant select, delete on notification_items to conveyor_system;

-- The outbox of job states: what was made an event of. What happened before there were events stays untold.
alter table bulk_job_state_changes add column announced_at timestamptz;
update bulk_job_state_changes set announced_at = now();
create index bulk_job_state_changes_unannounced on bulk_job_state_changes (workspace_id, change_id)
  where announced_at is null
    and to_state in ('Blocked', 'Completed', 'CompletedWithErrors', 'Failed', 'Aborted');
grant select on bulk_job_state_changes to conveyor_system;
