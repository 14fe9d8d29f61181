-- Walking through all that one workspace has would otherwise read what everybody has.
create index bulk_batch_blobs_of_workspace on bulk_batch_blobs (workspace_id, job_id, kind, batch_number);
