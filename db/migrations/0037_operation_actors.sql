-- Who asked, so that the entry of the outcome is written with the outcome itself, by whoever brings it about. Null for
-- what has entries of its own: the making and the revocation of a connection.
alter table connection_operations add column asked_by jsonb;
