-- What callers have used of their limits, over all processes. Unlogged: a crash of the server forgives a window, and
-- no request waits for the disk. Rows are rewritten at every request, so pages keep room for that.
create unlogged table rate_limit_windows (
  -- `key:<key id>`, `address:<address or IPv6 network>`, `unknown_key:<address or IPv6 network>`
  subject text primary key,
  used integer not null,
  ends_at timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- Addresses belong to no workspace: see db/system-database.ts.
grant select, insert, update, delete on rate_limit_windows to conveyor_system;

-- Whether this process fits the schema is asked before any workspace is known.
grant select on conveyor_migrations to conveyor_system;
