"""Teaches schemathesis NDJSON, of which the document's schema is that of a line, and keeps it on this machine."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def to_ndjson(ctx, value):
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value) + "\n"
    return text.encode("utf-8", errors="surrogatepass")


@schemathesis.deserializer("application/x-ndjson")
def from_ndjson(ctx, response):
    lines = [json.loads(line) for line in response.content.splitlines() if line]
    # One line is checked by the schema; that there may be none it cannot say.
    return lines[0] if lines else None


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Takes the login host of the stack, a simulated org, for any of Salesforce: those are of others, and answer late."""
    for given in (case.body, case.query):
        # Both together are refused before anybody is asked.
        if not isinstance(given, dict) or {"environment", "login_url"} <= given.keys():
            continue
        for name in ("environment", "login_url"):
            if is_login_host(given.get(name)):
                del given[name]


def is_login_host(value):
    return isinstance(value, str) and (
        value.strip() in ("production", "sandbox") or "salesforce.com" in value.lower()
    )
