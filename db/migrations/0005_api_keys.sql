-- Keys of applications and people. Of a key itself only its hash is kept.
create table api_keys (
  key_id text primary key,
  workspace_id text not null references workspaces,
  name text not null,
  key_hash bytea not null unique,
  -- Its first and last characters, to be told from others by.
  hint text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  -- Null: all that the role has. Otherwise less.
  scopes jsonb,
  created_at timestamptz not null default now(),
  created_by text,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  -- The key that this one takes the place of; that one goes on until it expires.
  rotated_from text references api_keys,
  last_used_at timestamptz
);
create index api_keys_listed on api_keys (workspace_id, created_at desc, key_id desc);
call protect_tenant_table('api_keys');

-- A key says which workspace it belongs to, so it is looked up before one is known.
grant select on api_keys to conveyor_system;
grant update (last_used_at) on api_keys to conveyor_system;
