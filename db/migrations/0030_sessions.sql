-- A key exchanged for a cookie, for people at a browser. Of the cookie's token only its hash is kept.
create table sessions (
  session_id text primary key,
  workspace_id text not null references workspaces,
  -- A session may do what its key may, and ends with it.
  key_id text not null references api_keys,
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  -- Right to the minute: a busy session would rewrite its row at every request.
  last_used_at timestamptz not null default now(),
  -- Used or not, it ends then.
  expires_at timestamptz not null,
  ended_at timestamptz,
  address text
);
create index sessions_of_key on sessions (key_id, created_at desc);
create index sessions_expiry on sessions (expires_at);
call protect_tenant_table('sessions');

-- A session says which workspace it belongs to, so it is looked up before one is known.
grant select on sessions to conveyor_system;
grant update (last_used_at) on sessions to conveyor_system;
-- Retention, across workspaces.
grant delete on sessions to conveyor_system;
