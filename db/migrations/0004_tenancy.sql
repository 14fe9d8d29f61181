-- Roles belong to the whole server, so another database may have made them already. Nobody logs in with them: the
-- services' login takes one on for each of its connections. A login that may not make roles needs an administrator
-- to run these statements once.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['conveyor_app', 'conveyor_system'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception
        -- Another database's migration was quicker.
        when duplicate_object or unique_violation then null;
        when insufficient_privilege then
          raise exception 'The role % does not exist, and % may not create it.', wanted, current_user
            using errcode = 'insufficient_privilege',
              hint = format('As an administrator: create role %I nologin; grant %I to %I;', wanted, wanted, current_user);
      end;
    end if;
    if not pg_has_role(current_user, wanted, 'SET') then
      execute format('grant %I to %I', wanted, current_user);
    end if;
  end loop;
end
$$;

do $$
begin
  execute format('grant usage on schema %I to conveyor_app, conveyor_system', current_schema());
end
$$;

-- The workspace that the transaction acts for; null where none is set, which equals nothing.
create function conveyor_workspace() returns text language sql stable parallel safe
  return nullif(current_setting('conveyor.workspace', true), '');

-- Every table with a workspace_id goes through this in the migration that makes it.
create procedure protect_tenant_table(tenant_table regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tenant_table);
  -- As a subselect it is evaluated once a statement, not once a row.
  execute format(
    'create policy one_workspace on %s to conveyor_app
       using (workspace_id = (select conveyor_workspace())) with check (workspace_id = (select conveyor_workspace()))',
    tenant_table);
  execute format('create policy all_workspaces on %s to conveyor_system using (true) with check (true)', tenant_table);
  execute format('grant select, insert, update, delete on %s to conveyor_app', tenant_table);
end
$$;

do $$
declare
  tenant_table regclass;
begin
  for tenant_table in
    select c.oid::regclass from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
  loop
    call protect_tenant_table(tenant_table);
  end loop;
end
$$;

-- A workspace is made, renamed and removed by the system alone.
revoke insert, update, delete on workspaces from conveyor_app;
grant select on bulk_job_performance to conveyor_app;

-- What runs before a workspace is known, or across all of them: see db/system-database.ts.
grant select, insert on installation to conveyor_system;
grant select, insert, update on workspaces to conveyor_system;
grant select on connections to conveyor_system;
grant select, update, delete on salesforce_bulk_jobs to conveyor_system;
grant select, update, delete on workflow_starts to conveyor_system;
grant select, delete on idempotency_keys to conveyor_system;
grant select on bulk_upstream_jobs to conveyor_system;
grant insert on bulk_job_state_changes to conveyor_system;
