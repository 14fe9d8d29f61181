import { Hono } from 'hono'
import { type AuditEntryBody, AuditLogQuerySchema } from '../../contracts/http/audit-log.ts'
import { type AuditEntry, type AuditFilter, createAuditLogQueries } from '../../db/audit-log.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import type { ApiEnv } from '../dependencies.ts'
import { chooseType } from '../http/accept.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { readQuery } from '../http/read-query.ts'
import { streamOf } from '../http/stream-of.ts'

const ENTRIES_AT_ONCE = 1_000

/** `GET /v1/audit-log`: pages as JSON, or all that fits the filter as NDJSON, newest first. */
export function createAuditLogRoute() {
  return new Hono<ApiEnv>().get('/v1/audit-log', async (c) => {
    const query = readQuery(c.req.raw, AuditLogQuerySchema)
    const before = decodeCursor<[number]>(query.cursor, ([entry]) => Number.isSafeInteger(entry))
    const filter: AuditFilter = {
      action: query.action,
      subject: query.subject,
      since: query.since === undefined ? undefined : new Date(query.since),
      until: query.until === undefined ? undefined : new Date(query.until),
    }
    const type = chooseType(c.req.header('accept'), ['application/json', 'application/x-ndjson'])
    if (type === 'application/x-ndjson') {
      const text = lines(c.var.database, filter, before?.[0] ?? null)
      return new Response(c.req.method === 'HEAD' ? null : streamOf(text, c.var.logger), {
        headers: { 'Content-Type': type, Vary: 'Accept' },
      })
    }
    const log = createAuditLogQueries(c.var.database)
    const found = await log.list(filter, query.limit + 1, before?.[0] ?? null)
    const page = found.slice(0, query.limit)
    const last = found.length > query.limit ? page[page.length - 1] : undefined
    c.header('Vary', 'Accept')
    return c.json({
      entries: page.map(auditEntryBody),
      next_cursor: last === undefined ? null : encodeCursor([last.entryId]),
    })
  })
}

/** Pages are queries of their own: a slow reader holds no snapshot of the database. */
async function* lines(
  database: WorkspaceDatabase,
  filter: AuditFilter,
  from: number | null,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const log = createAuditLogQueries(database)
  for (let before = from; ; ) {
    const page = await log.list(filter, ENTRIES_AT_ONCE, before)
    const last = page[page.length - 1]
    if (last === undefined) return
    before = last.entryId
    yield encoder.encode(page.map((entry) => `${JSON.stringify(auditEntryBody(entry))}\n`).join(''))
  }
}

function auditEntryBody(entry: AuditEntry): AuditEntryBody {
  return {
    id: entry.entryId,
    at: entry.at.toISOString(),
    actor: { kind: entry.actorKind, id: entry.actorId },
    action: entry.action,
    subject: entry.subject,
    outcome: entry.outcome,
    address: entry.address,
    request_id: entry.requestId,
    details: { ...entry.details },
  }
}
