import { Hono } from 'hono'
import { RefreshMirrorSchema } from '../../contracts/http/mirror.ts'
import { MIRROR_OBJECTS } from '../../contracts/mirror.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createMirrorRunQueries } from '../../db/mirror-runs.ts'
import { createMirrorWatermarkQueries } from '../../db/mirror-watermarks.ts'
import { auditEntry } from '../audit.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import { mirrorBody, mirrorUrl } from '../mirror-body.ts'

const FIELDS = Object.keys(RefreshMirrorSchema.shape)

/** The rows of an org that are kept here: how far they are, and to pull them now. */
export function createMirrorRoutes(deps: ApiDependencies) {
  return new Hono<ApiEnv>()
    .get('/v1/connections/:connectionId/mirror', async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      return c.json(await bodyOf(c, connectionId))
    })
    .post('/v1/connections/:connectionId/mirror/refresh', async (c) => {
      const connection = await requireConnectionOfId(c, c.req.param('connectionId'))
      const { connectionId } = connection
      if (connection.status === 'revoked') {
        throw new ApiError('connection_revoked', 'The connection was revoked. Authorise it again.')
      }
      const asked = await readJsonBody(c, deps.settings, RefreshMirrorSchema, FIELDS)
      const owner = { connectionId, workspaceId: c.var.workspaceId }
      await c.var.database.transaction(async (transaction) => {
        await createMirrorRunQueries(transaction).want(owner)
        if (asked.reconcile) {
          const marks = createMirrorWatermarkQueries(transaction)
          await marks.ensure(owner, MIRROR_OBJECTS)
          await marks.wantReconcile(connectionId)
        }
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'mirror.refreshed', subject: connectionId, details: asked }),
        )
      })
      await deps.starters.pullMirror(owner).catch((error: unknown) => {
        // The wish stands in its row: a worker passes it on.
        deps.logger.warn({ err: error, connectionId }, 'a mirror could not be pulled yet')
      })
      c.header('Location', mirrorUrl(connectionId))
      return c.json(await bodyOf(c, connectionId), 202)
    })
}

async function bodyOf(c: ApiContext, connectionId: string) {
  const run = await createMirrorRunQueries(c.var.database).get(connectionId)
  const marks = await createMirrorWatermarkQueries(c.var.database).list(connectionId)
  return mirrorBody(connectionId, run, marks)
}
