-- How the org of a connection reaches us: the secret that its webhooks are signed with, and the path of its outbound
-- messages, which nobody signs.
create table webhook_intakes (
  connection_id text primary key references connections,
  workspace_id text not null references workspaces,
  -- Sealed, both. The previous one counts too until it expires.
  secret bytea,
  previous_secret bytea,
  previous_secret_expires_at timestamptz,
  secret_issued_at timestamptz,
  -- SHA-256 of what only the caller who asked for it and Salesforce know.
  path_hash bytea unique,
  previous_path_hash bytea unique,
  previous_path_expires_at timestamptz,
  path_issued_at timestamptz
);
call protect_tenant_table('webhook_intakes');
-- A webhook has a connection's id, or its path, and no workspace yet.
grant select on webhook_intakes to conveyor_system;
