/** Words of the API's paths: their case does not matter, that of ids and names is kept. */
const WORDS = new Set(
  [
    'services,data,oauth2,token,authorize,revoke,introspect,userinfo,id,keys,sobjects,describe,limits',
    'query,queryall,jobs,ingest,batches,results,successfulresults,failedresults',
    'unprocessedrecords,composite,__simulator',
  ]
    .join(',')
    .split(','),
)

/**
 * The path as routes see it: without doubled or trailing slashes, known words in lower case.
 * Real clients send `/describe/`, `/query/` and `unprocessedRecords`.
 */
export function normalisePath(path: string): string {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      const lower = segment.toLowerCase()
      return WORDS.has(lower) || /^v\d+\.\d$/.test(lower) ? lower : segment
    })
  return `/${segments.join('/')}`
}

/** The normalised path of a request. */
export function requestPath(request: Request): string {
  const start = request.url.indexOf('/', request.url.indexOf('://') + 3)
  const query = request.url.indexOf('?', start)
  return normalisePath(request.url.slice(start, query === -1 ? undefined : query))
}
