/** Names of calls, for faults and for the record of calls. The first pattern that fits names a call. */
const CALLS: readonly (readonly [name: string, method: string, path: RegExp])[] = [
  ['token', 'POST', /^\/services\/oauth2\/token$/],
  ['authorize', 'GET', /^\/services\/oauth2\/authorize$/],
  ['approve', 'POST', /^\/setup\/secur\/RemoteAccessAuthorizationPage\.apexp$/],
  ['revoke', 'POST', /^\/services\/oauth2\/revoke$/],
  ['revoke', 'GET', /^\/services\/oauth2\/revoke$/],
  ['introspect', 'POST', /^\/services\/oauth2\/introspect$/],
  ['userinfo', 'GET', /^\/services\/oauth2\/userinfo$/],
  ['userinfo', 'POST', /^\/services\/oauth2\/userinfo$/],
  ['identity', 'GET', /^\/id\/[^/]+\/[^/]+$/],
  ['identity', 'POST', /^\/id\/[^/]+\/[^/]+$/],
  ['versions', 'GET', /^\/services\/data$/],
  ['bulk.create', 'POST', /^\/services\/data\/v[^/]+\/jobs\/ingest$/],
  ['bulk.list', 'GET', /^\/services\/data\/v[^/]+\/jobs\/ingest$/],
  ['bulk.upload', 'PUT', /^\/services\/data\/v[^/]+\/jobs\/ingest\/[^/]+\/batches$/],
  ['bulk.get', 'GET', /^\/services\/data\/v[^/]+\/jobs\/ingest\/[^/]+$/],
  ['bulk.delete', 'DELETE', /^\/services\/data\/v[^/]+\/jobs\/ingest\/[^/]+$/],
  [
    'bulk.results',
    'GET',
    /^\/services\/data\/v[^/]+\/jobs\/ingest\/[^/]+\/(successfulresults|failedresults|unprocessedrecords)$/,
  ],
  ['bulkQuery.create', 'POST', /^\/services\/data\/v[^/]+\/jobs\/query$/],
  ['bulkQuery.list', 'GET', /^\/services\/data\/v[^/]+\/jobs\/query$/],
  ['bulkQuery.get', 'GET', /^\/services\/data\/v[^/]+\/jobs\/query\/[^/]+$/],
  ['bulkQuery.abort', 'PATCH', /^\/services\/data\/v[^/]+\/jobs\/query\/[^/]+$/],
  ['bulkQuery.delete', 'DELETE', /^\/services\/data\/v[^/]+\/jobs\/query\/[^/]+$/],
  ['bulkQuery.results', 'GET', /^\/services\/data\/v[^/]+\/jobs\/query\/[^/]+\/results$/],
  ['bulkQuery.resultPages', 'GET', /^\/services\/data\/v[^/]+\/jobs\/query\/[^/]+\/resultpages$/],
  ['limits', 'GET', /^\/services\/data\/v[^/]+\/limits$/],
  ['describeGlobal', 'GET', /^\/services\/data\/v[^/]+\/sobjects$/],
  ['describe', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/describe$/],
  ['layouts', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/describe\/[^/]+(\/[^/]+)?$/],
  ['listViews', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/listviews(\/.+)?$/],
  ['objectInfo', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+$/],
  ['tabs', 'GET', /^\/services\/data\/v[^/]+\/tabs$/],
  ['theme', 'GET', /^\/services\/data\/v[^/]+\/theme$/],
  ['resources', 'GET', /^\/services\/data\/v[^/]+$/],
  ['recordCount', 'GET', /^\/services\/data\/v[^/]+\/limits\/recordcount$/],
  ['recent', 'GET', /^\/services\/data\/v[^/]+\/recent$/],
  ['updated', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/updated$/],
  ['deleted', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/deleted$/],
  ['composite', 'POST', /^\/services\/data\/v[^/]+\/composite$/],
  ['composite.batch', 'POST', /^\/services\/data\/v[^/]+\/composite\/batch$/],
  ['collections.create', 'POST', /^\/services\/data\/v[^/]+\/composite\/sobjects$/],
  ['collections.update', 'PATCH', /^\/services\/data\/v[^/]+\/composite\/sobjects$/],
  ['collections.delete', 'DELETE', /^\/services\/data\/v[^/]+\/composite\/sobjects$/],
  ['collections.retrieve', 'GET', /^\/services\/data\/v[^/]+\/composite\/sobjects\/[^/]+$/],
  ['collections.retrieve', 'POST', /^\/services\/data\/v[^/]+\/composite\/sobjects\/[^/]+$/],
  ['collections.upsert', 'PATCH', /^\/services\/data\/v[^/]+\/composite\/sobjects\/[^/]+\/[^/]+$/],
  ['query', 'GET', /^\/services\/data\/v[^/]+\/(query|queryall)$/],
  ['queryMore', 'GET', /^\/services\/data\/v[^/]+\/(query|queryall)\/[^/]+$/],
  ['record.create', 'POST', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+$/],
  ['record.get', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+$/],
  ['record.update', 'PATCH', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+$/],
  ['record.delete', 'DELETE', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+$/],
  ['record.create', 'POST', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/id$/i],
  ['record.get', 'GET', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+\/.+$/],
  ['record.delete', 'DELETE', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+\/.+$/],
  ['record.upsert', 'PATCH', /^\/services\/data\/v[^/]+\/sobjects\/[^/]+\/[^/]+\/.+$/],
]

const JOB_PATCH = /^\/services\/data\/v[^/]+\/jobs\/ingest\/[^/]+$/

/** Whether the name of the call depends on its body: closing and aborting share a path. */
export function isIngestPatch(method: string, path: string): boolean {
  return method === 'PATCH' && JOB_PATCH.test(path)
}

/** The name of a call, or `other`. `state` is what a PATCH of an ingest job asks for. */
export function nameCall(method: string, path: string, state: string | null): string {
  if (isIngestPatch(method, path)) return state === 'Aborted' ? 'bulk.abort' : 'bulk.close'
  const found = CALLS.find((call) => call[1] === method && call[2].test(path))
  return found?.[0] ?? 'other'
}

/** All names that a call may have, and those of pushes, which faults may name too. */
export const CALL_NAMES: readonly string[] = [
  ...new Set(CALLS.map(([name]) => name)),
  'bulk.close',
  'bulk.abort',
  'push.outbound',
  'push.webhook',
]
