-- What new loads of a job in progress wait for, as callers read it; null where they wait for nothing.
alter table salesforce_bulk_jobs add column waiting_for text;
