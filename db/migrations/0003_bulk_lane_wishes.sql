-- Loads that wait for a lane, so that jobs share the lanes of a connection. A row counts until it runs out, soon
-- after its load has stopped looking; the next look of any load of the connection removes it.
create table bulk_lane_wishes (
  job_id text not null references salesforce_bulk_jobs on delete cascade,
  load_number integer not null,
  workspace_id text not null references workspaces,
  connection_id text not null references connections,
  -- Since when the load waits, or since its job was last given a lane, whichever is later.
  since timestamptz not null,
  expires_at timestamptz not null,
  primary key (job_id, load_number)
);
create index bulk_lane_wishes_connection on bulk_lane_wishes (connection_id);
alter table bulk_lane_wishes set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
