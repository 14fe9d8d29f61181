/** Words of the API's paths: their case does not matter, that of ids and names is kept. */
const WORDS = new Set(
  [
    'services,data,oauth2,token,authorize,revoke,introspect,userinfo,id,keys,sobjects,describe,limits',
    'query,queryall,jobs,ingest,batches,results,resultpages,successfulresults,failedresults',
    'unprocessedrecords,composite,batch,recent,recordcount,updated,deleted,tabs,theme,listviews',
    'layouts,compactlayouts,namedlayouts,approvallayouts,__simulator',
  ]
    .join(',')
    .split(','),
)

/** Segments after `services/data/vNN.0/sobjects/<object>/<field>` are values: their case is kept. */
const VALUES_FROM = 6
/** What stands in the place of a field and has words below it. */
const NO_FIELDS = ['describe', 'listviews']

/**
 * The path as routes see it: without doubled or trailing slashes, known words in lower case.
 * Real clients send `/describe/`, `/query/` and `unprocessedRecords`.
 */
export function normalisePath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const [, , , resource = '', , field = ''] = segments.map((segment) => segment.toLowerCase())
  const isRecord = resource === 'sobjects' && !NO_FIELDS.includes(field)
  return `/${segments
    .map((segment, index) => {
      const lower = segment.toLowerCase()
      if (isRecord && index >= VALUES_FROM) return segment
      return WORDS.has(lower) || /^v\d+\.\d$/.test(lower) ? lower : segment
    })
    .join('/')}`
}

/** What a request asks for: `_HttpMethod` stands for methods that a client cannot send. */
export function callMethod(request: Request): string {
  const { method } = request
  if (method === 'HEAD') return 'GET'
  if (method !== 'POST') return method
  return new URL(request.url).searchParams.get('_HttpMethod')?.toUpperCase() ?? method
}

/** The normalised path of a request. */
export function requestPath(request: Request): string {
  const start = request.url.indexOf('/', request.url.indexOf('://') + 3)
  const query = request.url.indexOf('?', start)
  return normalisePath(request.url.slice(start, query === -1 ? undefined : query))
}
