/** Words of the API's paths: their case does not matter, that of ids and names is kept. */
const WORDS = new Set(
  [
    'services,data,oauth2,token,authorize,revoke,introspect,userinfo,id,sobjects,describe,limits',
    'query,queryall,jobs,ingest,batches,results,resultpages,successfulresults,failedresults',
    'unprocessedrecords,composite,batch,tree,graph,deleted,updated,__simulator',
  ]
    .join(',')
    .split(','),
)

/** In `/services/data/vNN.0/sobjects/Object/Field/Value`, the place of what callers may spell freely. */
const VALUE = 6

/**
 * The path as routes see it: without doubled or trailing slashes, known words in lower case.
 * Real clients send `/describe/`, `/query/` and `unprocessedRecords`.
 */
export function normalisePath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  // The value of an external id may be such a word, and keeps its case in a record that it makes.
  const ofRecord = segments[3]?.toLowerCase() === 'sobjects'
  const shown = segments.map((segment, place) => {
    if (ofRecord && place >= VALUE) return segment
    const lower = segment.toLowerCase()
    return WORDS.has(lower) || /^v\d+\.\d$/.test(lower) ? lower : segment
  })
  return `/${shown.join('/')}`
}

/** The normalised path of a request. */
export function requestPath(request: Request): string {
  const start = request.url.indexOf('/', request.url.indexOf('://') + 3)
  const query = request.url.indexOf('?', start)
  return normalisePath(request.url.slice(start, query === -1 ? undefined : query))
}
