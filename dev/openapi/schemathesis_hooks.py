"""Teaches schemathesis NDJSON: the document's schema is that of a line."""

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
