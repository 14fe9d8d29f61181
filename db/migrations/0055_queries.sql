-- Queries: short ones, that a caller waits for, and durable ones by Bulk API 2.0.

create table soql_queries (
  query_id text primary key,
  workspace_id text not null references workspaces,
  connection_id text not null references connections,
  object_type text not null,
  -- Sealed: the SOQL, or the address of the page that is asked for.
  request bytea not null,
  state text not null default 'running' check (state in ('running', 'succeeded', 'failed')),
  -- Sealed: the records, or the words in which Salesforce refused.
  answer bytea,
  -- Sealed: where Salesforce has the next page; null on the last. Kept as long as the row.
  next_page bytea,
  error_code text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  -- From then on nobody waits for the answer.
  answer_expires_at timestamptz not null,
  -- From then on its next page cannot be asked for.
  expires_at timestamptz not null,
  check ((state = 'running') = (finished_at is null))
);
create index soql_queries_running on soql_queries (workspace_id) where state = 'running';
create index soql_queries_answers on soql_queries (answer_expires_at) where answer is not null;
create index soql_queries_expired on soql_queries (expires_at);
call protect_tenant_table('soql_queries');
grant select, update, delete on soql_queries to conveyor_system;

create table bulk_queries (
  query_id text primary key,
  workspace_id text not null references workspaces,
  connection_id text not null references connections,
  -- Pinned at the first call.
  organization_id text,
  object_type text not null,
  -- Sealed: the SOQL and the columns that it selects.
  request bytea not null,
  include_deleted boolean not null default false,
  state text not null default 'Queued'
    check (state in ('Queued', 'InProgress', 'Blocked', 'Completed', 'Failed', 'Aborted')),
  wish text not null default 'run' check (wish in ('run', 'cancel')),
  blocked_reason text,
  blocked_detail text,
  blocked_at timestamptz,
  -- Advances with each attempt that takes the query over; one that has lost it writes nothing any more.
  epoch bigint not null default 0,
  -- creating is committed before the call that it announces.
  upstream_state text check (upstream_state in ('creating', 'created', 'complete')),
  salesforce_job_id text,
  -- Jobs that were begun for it in Salesforce; one whose answer was lost is left there and expires.
  upstream_attempts integer not null default 0,
  upstream_created_at timestamptz,
  -- As Salesforce counts while it works.
  records_processed bigint not null default 0,
  -- The page after the last one that is kept; moved in the statement that counts the page in.
  next_locator text,
  pages integer not null default 0,
  records bigint not null default 0,
  stored_bytes bigint not null default 0,
  error_code text,
  -- Sealed: why it failed, which may repeat values of the query.
  error_detail bytea,
  request_id text,
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  purged_at timestamptz,
  check ((state in ('Completed', 'Failed', 'Aborted')) = (completed_at is not null))
);
-- Updated again and again in place: room on each page, and vacuum before dead rows are many.
alter table bulk_queries set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index bulk_queries_listed on bulk_queries (workspace_id, created_at desc, query_id desc);
create index bulk_queries_purgeable on bulk_queries (completed_at) where purged_at is null;
create trigger bulk_queries_updated_at before update on bulk_queries
  for each row execute function update_updated_at_column();
call protect_tenant_table('bulk_queries');
grant select, update on bulk_queries to conveyor_system;

-- Pieces of result pages, as CSV without the header line. Those of pages beyond bulk_queries.pages are not counted in
-- and belong to the attempt that is under way.
create table bulk_query_parts (
  query_id text not null references bulk_queries on delete cascade,
  page_number integer not null,
  part_number integer not null,
  workspace_id text not null references workspaces,
  -- Compressed and sealed.
  body bytea not null,
  primary key (query_id, page_number, part_number)
);
-- Bodies are compressed already.
alter table bulk_query_parts alter column body set storage external;
create index bulk_query_parts_of_workspace on bulk_query_parts (workspace_id, query_id, page_number, part_number);
call protect_tenant_table('bulk_query_parts');

alter table workflow_starts drop constraint workflow_starts_kind_check;
alter table workflow_starts add constraint workflow_starts_kind_check
  check (kind in ('bulk-job', 'replay', 'bulk-query'));
