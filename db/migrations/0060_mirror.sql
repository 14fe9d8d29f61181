-- Rows of each org that analytics are made of, pulled again and again. Ids are ordered as Salesforce orders them, byte by
-- byte: walks compare stretches of ids. A row that the org does not show any more keeps what it was, with deleted_at.

create table mirror_opportunities (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  name text,
  account_id text,
  owner_id text,
  stage_name text,
  amount numeric,
  probability numeric,
  expected_revenue numeric,
  close_date date,
  is_closed boolean,
  is_won boolean,
  forecast_category text,
  lead_source text,
  type text,
  currency_iso_code text,
  created_date timestamptz,
  last_stage_change_date timestamptz,
  last_activity_date date,
  system_modstamp timestamptz not null,
  deleted_at timestamptz,
  primary key (connection_id, id)
);
create index mirror_opportunities_close_date on mirror_opportunities (connection_id, close_date) where deleted_at is null;
create index mirror_opportunities_created on mirror_opportunities (connection_id, created_date) where deleted_at is null;
create index mirror_opportunities_stage on mirror_opportunities (connection_id, stage_name) where deleted_at is null;
create index mirror_opportunities_owner on mirror_opportunities (connection_id, owner_id) where deleted_at is null;
create index mirror_opportunities_account on mirror_opportunities (connection_id, account_id) where deleted_at is null;
create index mirror_opportunities_gone on mirror_opportunities (connection_id, deleted_at) where deleted_at is not null;
call protect_tenant_table('mirror_opportunities');

create table mirror_opportunity_history (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  opportunity_id text,
  stage_name text,
  amount numeric,
  probability numeric,
  expected_revenue numeric,
  close_date date,
  currency_iso_code text,
  created_date timestamptz,
  system_modstamp timestamptz not null,
  deleted_at timestamptz,
  primary key (connection_id, id)
);
create index mirror_opportunity_history_of
  on mirror_opportunity_history (connection_id, opportunity_id, created_date) where deleted_at is null;
create index mirror_opportunity_history_created
  on mirror_opportunity_history (connection_id, created_date) where deleted_at is null;
create index mirror_opportunity_history_gone
  on mirror_opportunity_history (connection_id, deleted_at) where deleted_at is not null;
call protect_tenant_table('mirror_opportunity_history');

create table mirror_leads (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  status text,
  lead_source text,
  rating text,
  owner_id text,
  is_converted boolean,
  converted_date date,
  converted_opportunity_id text,
  created_date timestamptz,
  system_modstamp timestamptz not null,
  deleted_at timestamptz,
  primary key (connection_id, id)
);
create index mirror_leads_created on mirror_leads (connection_id, created_date) where deleted_at is null;
create index mirror_leads_converted on mirror_leads (connection_id, converted_date)
  where deleted_at is null and is_converted;
create index mirror_leads_owner on mirror_leads (connection_id, owner_id) where deleted_at is null;
create index mirror_leads_gone on mirror_leads (connection_id, deleted_at) where deleted_at is not null;
call protect_tenant_table('mirror_leads');

create table mirror_accounts (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  name text,
  industry text,
  type text,
  annual_revenue numeric,
  number_of_employees integer,
  owner_id text,
  last_activity_date date,
  currency_iso_code text,
  created_date timestamptz,
  system_modstamp timestamptz not null,
  deleted_at timestamptz,
  primary key (connection_id, id)
);
create index mirror_accounts_created on mirror_accounts (connection_id, created_date) where deleted_at is null;
create index mirror_accounts_owner on mirror_accounts (connection_id, owner_id) where deleted_at is null;
create index mirror_accounts_gone on mirror_accounts (connection_id, deleted_at) where deleted_at is not null;
call protect_tenant_table('mirror_accounts');

create table mirror_users (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  name text,
  is_active boolean,
  system_modstamp timestamptz not null,
  deleted_at timestamptz,
  primary key (connection_id, id)
);
call protect_tenant_table('mirror_users');

-- The stages and currencies of an org are few: they are replaced whole.
create table mirror_stages (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  -- As opportunities hold it.
  name text not null,
  label text,
  sort_order integer,
  is_closed boolean,
  is_won boolean,
  default_probability numeric,
  is_active boolean,
  forecast_category text,
  primary key (connection_id, id)
);
create index mirror_stages_name on mirror_stages (connection_id, name);
call protect_tenant_table('mirror_stages');

create table mirror_currencies (
  connection_id text not null references connections,
  id text collate "C" not null,
  workspace_id text not null references workspaces,
  iso_code text not null,
  conversion_rate numeric,
  is_corporate boolean,
  is_active boolean,
  primary key (connection_id, id)
);
call protect_tenant_table('mirror_currencies');

-- One row a connection: whether it has its Schedule, who pulls at present, what became of the last run.
create table mirror_runs (
  connection_id text primary key references connections,
  workspace_id text not null references workspaces,
  -- When its Schedule was made; null where it has none.
  scheduled_at timestamptz,
  -- A person wants a run that begins after this.
  wanted_at timestamptz,
  asked_at timestamptz,
  -- The run that pulls. It keeps the lease while it works; each of its steps takes an epoch, and an older one writes
  -- nothing any more.
  holder text,
  lease_until timestamptz not null default '-infinity',
  epoch bigint not null default 0,
  run bigint not null default 0,
  -- Whose rows these are; those of another org are removed.
  organization_id text,
  state text not null default 'idle' check (state in ('idle', 'running', 'blocked', 'failed')),
  blocked_reason text,
  detail text,
  started_at timestamptz,
  finished_at timestamptz,
  -- The org's, as read last.
  time_zone text,
  time_zone_at timestamptz,
  snapshot_date date,
  snapshot_at timestamptz
);
call protect_tenant_table('mirror_runs');
grant select, insert, update on mirror_runs to conveyor_system;

-- Where the pull of one object has come to. Moved in the transaction that writes what was read.
create table mirror_watermarks (
  connection_id text not null references connections,
  object text not null,
  workspace_id text not null references workspaces,
  -- The run that works on it, or did last, and what that does next.
  run bigint not null default 0,
  phase text not null default 'done' check (phase in ('begin', 'count', 'bulk', 'walk', 'pages', 'done')),
  -- Fields that are read, and wanted ones that the org does not have or does not show.
  fields jsonb not null default '[]',
  missing_fields jsonb not null default '[]',
  -- Pages in the order of SystemModstamp: from where the next walk begins, and the last row of the one under way.
  scan_from timestamptz,
  modstamp timestamptz,
  last_id text collate "C",
  -- The org's clock and ours when that walk began.
  pages_org_time timestamptz,
  pages_started_at timestamptz,
  -- Deletions are known up to here, by the org's clock.
  deleted_until timestamptz,
  -- The walk over all ids under way: the first load, or a reconcile.
  walk_after text collate "C",
  walk_started_at timestamptz,
  bulk_job_id text,
  bulk_locator text,
  expected_rows bigint,
  loaded_rows bigint not null default 0,
  first_load_finished_at timestamptz,
  reconciled_at timestamptz,
  -- All rows are to be read by a walk that begins after this.
  reconcile_wanted_at timestamptz,
  -- The mirror holds what the org held then; null before the first load.
  as_of timestamptz,
  rows bigint,
  -- Of the last run.
  calls integer not null default 0,
  changed bigint not null default 0,
  error_code text,
  error text,
  error_at timestamptz,
  primary key (connection_id, object)
);
alter table mirror_watermarks set (fillfactor = 70);
call protect_tenant_table('mirror_watermarks');

-- Opportunities that are open, or were lately closed, as they stood at the end of each day; a day is replaced whole.
create table opportunity_daily_snapshots (
  connection_id text not null references connections,
  snapshot_date date not null,
  opportunity_id text collate "C" not null,
  workspace_id text not null references workspaces,
  stage_name text,
  amount numeric,
  probability numeric,
  close_date date,
  owner_id text,
  is_closed boolean,
  is_won boolean,
  currency_iso_code text,
  primary key (connection_id, snapshot_date, opportunity_id)
);
create index opportunity_daily_snapshots_of
  on opportunity_daily_snapshots (connection_id, opportunity_id, snapshot_date);
call protect_tenant_table('opportunity_daily_snapshots');
