/** Names under which callers of other services send what proves who they are. */
const NAMES = new Set(['apikey', 'xapikey', 'accesstoken', 'authorization', 'sessiontoken'])

/** Whether a value of the query is a key or the token of a session, under whatever name. */
export function holdsKey(query: URLSearchParams): boolean {
  return [...query.values()].some((value) => /^(?:bearer\s+)?cvy_/i.test(value))
}

/** Whether the query may hold a credential, by its form or by its name. */
export function mayHoldCredential(query: URLSearchParams): boolean {
  const names = [...query.keys()].map((name) => name.toLowerCase().replace(/[-_]/g, ''))
  return holdsKey(query) || names.some((name) => NAMES.has(name))
}
