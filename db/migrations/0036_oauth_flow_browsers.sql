-- Whose browser an authorisation belongs to: whoever begins one must not have somebody else complete it unasked.
alter table oauth_flows
  drop constraint oauth_flows_state_check,
  -- confirming: a browser came back that is not known to have begun it, and its user is being asked.
  add constraint oauth_flows_state_check
    check (state in ('pending', 'confirming', 'received', 'exchanging', 'completed', 'failed')),
  -- SHA-256 of the cookie of the browser that began it; null where a program did.
  add column browser_hash bytea,
  -- SHA-256 of the token that confirms it.
  add column confirmation_hash bytea unique;
