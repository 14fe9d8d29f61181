-- One day of one table a call: dropping it locks its parent until the transaction ends, and whoever holds one parent and
-- waits for the next may be waiting for a pump that holds that one and wants the first. Call it until it gives 0.
do $$
begin
  execute format($drop$
    create or replace function drop_webhook_partitions(older_than_days integer) returns integer
      language plpgsql security definer set search_path = %1$I, pg_temp as $body$
    declare
      part record;
      day date;
    begin
      perform pg_advisory_xact_lock(hashtext('conveyor webhook partitions'));
      perform set_config('lock_timeout', '2s', true);
      for part in
        select i.inhrelid::regclass as name, i.inhparent::regclass as parent, c.relname
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('salesforce_webhook_events'::regclass, 'webhook_deliveries'::regclass,
          'webhook_delivery_attempts'::regclass)
      loop
        day := to_date(right(part.relname, 8), 'YYYYMMDD');
        continue when day >= (now() at time zone 'utc')::date - greatest(older_than_days, 3);
        -- What is not at its end keeps what belongs to it.
        continue when exists (select from webhook_event_queue
          where event_created_at < (day + 1)::timestamp at time zone 'utc');
        continue when exists (select from webhook_delivery_queue
          where event_created_at < (day + 1)::timestamp at time zone 'utc');
        execute format('drop table %%s', part.name);
        return 1;
      end loop;
      return 0;
    end
    $body$ $drop$, current_schema());
end
$$;
