-- What nobody needs any more is not kept: a flow that ended, or whose time is over, holds no secret.
alter table oauth_flows alter column code_verifier drop not null;
update oauth_flows set client_secret = null, code_verifier = null, code = null
where state in ('completed', 'failed') or expires_at < now();
-- A flow has its verifier as long as it has any secret.
create index oauth_flows_with_secrets on oauth_flows (expires_at) where code_verifier is not null;
-- The sweeper clears what has run out, across workspaces.
grant update (client_secret, code_verifier, code) on oauth_flows to conveyor_system;
