-- Connections by OAuth, beside the one whose credentials are the environment's.
alter table connections
  add column flow text not null default 'environment'
    check (flow in ('environment', 'web_server', 'jwt_bearer', 'client_credentials')),
  -- Origin that tokens are asked from; null for the environment's, whose own settings say it.
  add column login_url text,
  -- The name by which callers of the legacy routes know it.
  add column user_id text,
  add column salesforce_user_id text,
  add column username text,
  -- Granted scopes, separated by spaces; null before the first grant.
  add column scope text,
  add column authorized_at timestamptz,
  add column created_by text,
  -- Its tokens were given back; it can be authorised again.
  add column revoked_at timestamptz,
  -- Removed for its callers. The row stays for the jobs that name it.
  add column deleted_at timestamptz,
  -- When nothing secret of a removed one was left.
  add column erased_at timestamptz,
  -- Sessions are kept in salesforce_oauth_tokens now, the environment's too.
  drop column refresh_token,
  drop column refresh_token_origin;
create unique index connections_one_of_user on connections (workspace_id, user_id)
  where user_id is not null and deleted_at is null;
create index connections_listed on connections (workspace_id, created_at desc, connection_id desc)
  where deleted_at is null;
create index connections_not_erased on connections (deleted_at) where deleted_at is not null and erased_at is null;

-- The app and the secrets that a connection signs in with, where they are not the environment's.
create table connection_credentials (
  connection_id text primary key references connections,
  workspace_id text not null references workspaces,
  client_id text not null,
  -- Sealed. Null for a public app, and for the environment's app, whose secret is there.
  client_secret bytea,
  -- JWT bearer: whom it acts for, and the key that signs for it (sealed).
  username text,
  private_key bytea
);
call protect_tenant_table('connection_credentials');

-- The session of each connection, shared by all processes, and who renews it.
create table salesforce_oauth_tokens (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  connection_id text not null unique references connections,
  user_id text,
  email text,
  username text,
  -- Sealed, both.
  access_token bytea,
  refresh_token bytea,
  token_type text not null default 'Bearer',
  scope text,
  instance_url text,
  organization_id text,
  profile_id text,
  environment text,
  -- Salesforce does not say when an access token ends; null for that reason.
  expires_at timestamptz,
  issued_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_used_at timestamptz,
  is_active boolean not null default true,
  access_count bigint not null default 0,
  metadata jsonb not null default '{}',
  -- SHA-256 of the credentials that the session comes from: with others it counts for nothing.
  origin text,
  -- Advances with each session that is stored. Whoever renews names the one that is to be replaced.
  session_number bigint not null default 0,
  -- When Salesforce first refused the access token.
  access_token_refused_at timestamptz,
  -- The lease: one process at a time asks for the next session, and says so again and again while it does.
  refresh_attempt bigint not null default 0,
  refresh_holder text,
  refresh_lease_until timestamptz,
  -- Set before the call to Salesforce and cleared once its outcome is known: a call that is left here may
  -- have used the refresh token up.
  refresh_called_at timestamptz,
  -- The attempt that Salesforce refused last, and its words.
  refused_attempt bigint,
  refusal jsonb,
  unique (workspace_id, user_id, username)
);
-- Updated again and again in place: room on each page, and vacuum before dead rows are many.
alter table salesforce_oauth_tokens set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create trigger salesforce_oauth_tokens_updated_at before update on salesforce_oauth_tokens
  for each row execute function update_updated_at_column();
call protect_tenant_table('salesforce_oauth_tokens');

create view salesforce_oauth_token_status with (security_invoker = true) as
select t.*,
  t.access_token is null or t.access_token_refused_at is not null or coalesce(t.expires_at <= now(), false)
    as access_token_expired,
  -- Null for a connection that needs none.
  case when t.refresh_token is null and c.flow <> 'web_server' then null
    else t.refresh_token is null or (t.refused_attempt is not null and t.refused_attempt = t.refresh_attempt)
  end as refresh_token_expired
from salesforce_oauth_tokens t join connections c using (connection_id);
grant select on salesforce_oauth_token_status to conveyor_app;

-- What happened to tokens. Rows are added and never changed or removed.
create table salesforce_oauth_audit_log (
  id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  connection_id text references connections,
  user_id text,
  username text,
  -- authorize, exchange, refresh, revoke
  action text not null,
  details jsonb not null default '{}',
  ip_address text,
  user_agent text,
  timestamp timestamptz not null default now(),
  success boolean not null,
  error_message text
);
create index salesforce_oauth_audit_log_listed on salesforce_oauth_audit_log (connection_id, id desc);
call protect_tenant_table('salesforce_oauth_audit_log');
revoke update, delete on salesforce_oauth_audit_log from conveyor_app;
create trigger salesforce_oauth_audit_log_append_only before update or delete or truncate
  on salesforce_oauth_audit_log for each statement execute function refuse_audit_change();

-- Calls of each connection by month.
create table salesforce_token_usage (
  connection_id text not null references connections,
  date_YYYYMM text not null,
  workspace_id text not null references workspaces,
  user_id text,
  username text,
  api_calls bigint not null default 0,
  -- Null: bytes are not counted.
  data_transferred bigint,
  errors bigint not null default 0,
  primary key (connection_id, date_YYYYMM)
);
alter table salesforce_token_usage set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
call protect_tenant_table('salesforce_token_usage');

-- Authorisations that a browser takes part in, from the link to Salesforce until the code is exchanged.
create table oauth_flows (
  flow_id text primary key,
  workspace_id text not null references workspaces,
  -- SHA-256 of the state, which itself is only with the caller and Salesforce.
  state_hash bytea not null unique,
  -- Null where a connection is to be made.
  connection_id text references connections,
  name text not null,
  user_id text,
  make_default boolean not null default false,
  login_url text not null,
  redirect_uri text not null,
  client_id text not null,
  -- Sealed, all three. The secret is null for a public app and for the environment's.
  client_secret bytea,
  code_verifier bytea not null,
  code bytea,
  -- pending: the browser is with Salesforce. received: it came back. exchanging: the code is being used.
  state text not null default 'pending' check (state in ('pending', 'received', 'exchanging', 'completed', 'failed')),
  error_code text,
  error_message text,
  started_by text,
  address text,
  user_agent text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  completed_at timestamptz
);
create index oauth_flows_expiry on oauth_flows (expires_at);
call protect_tenant_table('oauth_flows');

-- What is asked of Salesforce about a connection, and the outcome, for as long as somebody may wait for it.
create table connection_operations (
  operation_id text primary key,
  workspace_id text not null references workspaces,
  connection_id text not null references connections,
  kind text not null check (kind in ('create', 'test', 'refresh', 'revoke')),
  state text not null default 'running' check (state in ('running', 'succeeded', 'failed')),
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  expires_at timestamptz not null
);
create index connection_operations_expiry on connection_operations (expires_at);
call protect_tenant_table('connection_operations');

-- A browser that comes back from Salesforce has nothing but its state: it says which workspace it is of.
grant select on oauth_flows to conveyor_system;
-- Retention, across workspaces.
grant delete on oauth_flows to conveyor_system;
grant select, delete on connection_operations to conveyor_system;
