-- Who did what, when, from where, with what outcome. Rows are added and never changed or removed.
create table audit_log (
  entry_id bigint generated always as identity primary key,
  workspace_id text not null references workspaces,
  at timestamptz not null default now(),
  -- api_key, session, local (the machine itself, without keys), operator (the command line), salesforce, system
  actor_kind text not null,
  -- The key's id, say; null where nobody has to say who they are.
  actor_id text,
  action text not null,
  -- What it was done to: the id of a key, a connection, a job.
  subject text,
  outcome text not null check (outcome in ('success', 'refused', 'failed')),
  -- Null for what is done at the command line.
  address text,
  request_id text,
  details jsonb not null default '{}'
);
create index audit_log_listed on audit_log (workspace_id, entry_id desc);
call protect_tenant_table('audit_log');
revoke update, delete on audit_log from conveyor_app;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit log is append-only.' using errcode = 'insufficient_privilege';
end
$$;
-- Also where the owner of the tables slips.
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_audit_change();

grant select, insert on audit_log to conveyor_system;
