import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { writeContext } from '../http/org-context.ts'
import { callMethod, requestPath } from '../http/path.ts'
import { versionOf } from '../http/version.ts'
import { createRandom } from '../seeded-random.ts'
import { allowsDuplicates, DUPLICATE_RULE_HEADER } from './allows-duplicates.ts'
import { jsonBody } from './json-body.ts'
import { readBodyText } from './read-body-text.ts'
import type { RestAnswer, RestCall } from './resource.ts'
import { handlerOf, type ResourceTable } from './resource-table.ts'

const ROOT = '/services/data/:version'
const ROOT_SEGMENTS = 3
/** Shorter answers are not worth it. */
const COMPRESS_FROM = 1_024
const compress = promisify(gzip)

/** Serves the resources of a table under each version; other paths are left to the routes behind. */
export function serveResources(app: Hono<OrgEnv>, org: Org, table: ResourceTable): void {
  const random = createRandom(org.settings().seed)
  const lag = (): number => Math.floor(random() * org.settings().stampLagMs)
  for (const path of [ROOT, `${ROOT}/*`]) {
    app.all(path, async (c, next) => {
      const segments = requestPath(c.req.raw).split('/').slice(1)
      const found = table.find(segments.slice(ROOT_SEGMENTS).join('/'))
      if (found === null) return next()
      const version = versionOf(segments[ROOT_SEGMENTS - 1] ?? '')
      const method = callMethod(c.req.raw)
      const handler = handlerOf(found.resource, method)
      const isRead = method === 'GET' || found.resource.readOnly === true
      const call: RestCall = {
        parameters: found.parameters,
        version,
        query: new URL(c.req.url).searchParams,
        header: (name) => c.req.header(name) ?? null,
        body: jsonBody(method === 'GET' || method === 'DELETE' ? '' : await readBodyText(c)),
        context: contextOf(c, lag()),
        allOrNone: false,
      }
      return respond(c, isRead ? handler(call) : await org.write(() => handler(call)))
    })
  }
}

/** Who writes, and what the caller's headers allow. */
function contextOf(c: OrgContext, lagMs: number): RestCall['context'] {
  const header = c.req.header(DUPLICATE_RULE_HEADER) ?? null
  const { stamp, source } = writeContext(c)
  const late = { at: stamp.at - lagMs, by: stamp.by }
  return { stamp: late, source, allowDuplicates: allowsDuplicates(header) }
}

async function respond(c: OrgContext, answer: RestAnswer): Promise<Response> {
  const headers = new Headers(answer.headers)
  if (answer.body === undefined) return new Response(null, { status: answer.status, headers })
  const isPretty = c.req.header('x-prettyprint') === '1'
  const text = JSON.stringify(answer.body, null, isPretty ? 2 : undefined)
  headers.set('Content-Type', 'application/json;charset=UTF-8')
  const isAsked = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(
    c.req.header('accept-encoding') ?? '',
  )
  // Faults that break or slow an answer count the bytes of the plain text.
  const isStruck = c.var.faults.length > 0
  if (!isAsked || isStruck || text.length < COMPRESS_FROM) {
    return new Response(text, { status: answer.status, headers })
  }
  headers.set('Content-Encoding', 'gzip')
  headers.set('Vary', 'Accept-Encoding')
  return new Response(await compress(text, { level: constants.Z_BEST_SPEED }), {
    status: answer.status,
    headers,
  })
}
