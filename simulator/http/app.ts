import { Hono } from 'hono'
import { allResources } from '../rest/all-resources.ts'
import { serveResources } from '../rest/serve-resources.ts'
import { addAdminRoutes } from '../routes/admin.ts'
import { addAdminPushRoutes } from '../routes/admin-push.ts'
import { addRecycleBinRoutes } from '../routes/admin-recycle-bin.ts'
import { addAdminRuleRoutes } from '../routes/admin-rules.ts'
import { addAdminSchemaRoutes } from '../routes/admin-schema.ts'
import { addIngestRoutes } from '../routes/ingest-jobs.ts'
import { addOauthRoutes } from '../routes/oauth.ts'
import { addPageRoutes } from '../routes/page.ts'
import { addQueryJobRoutes } from '../routes/query-jobs.ts'
import { addVersionRoutes } from '../routes/versions.ts'
import { ApiError, notFound } from './api-error.ts'
import { brokenOff, isBrokenOff } from './broken-off.ts'
import { limitBodies } from './limit-bodies.ts'
import type { Org, OrgEnv } from './org-context.ts'
import { requestPath } from './path.ts'
import { createPipeline } from './pipeline.ts'
import { refuseOtherOrigins } from './same-origin.ts'

/** All routes of the org. */
export function createApp(org: Org, onError: (error: unknown) => void): Hono<OrgEnv> {
  const app = new Hono<OrgEnv>({ getPath: requestPath })
  const pipeline = createPipeline(org)
  app.use(limitBodies)
  for (const path of ['/services/*', '/id/*', '/setup/*']) app.use(path, pipeline)
  for (const path of ['/__simulator/*', '/page/*', '/setup/*'])
    app.use(path, refuseOtherOrigins(org))
  addOauthRoutes(app, org)
  addVersionRoutes(app)
  // Takes every path below `sobjects`: routes for such paths of their own must stand before it.
  serveResources(app, org, allResources(org))
  addIngestRoutes(app, org)
  addQueryJobRoutes(app, org)
  addAdminRoutes(app, org)
  addAdminPushRoutes(app, org)
  addAdminRuleRoutes(app, org)
  addAdminSchemaRoutes(app, org)
  addRecycleBinRoutes(app, org)
  addPageRoutes(app, org)
  app.notFound((c) => c.json(notFound().body(), 404))
  app.onError((error, c) => {
    if (error instanceof ApiError) return c.json(error.body(), error.status)
    // A client that left in the middle of its body is no failure of the org.
    if (isBrokenOff(c.env.incoming)) return c.json(brokenOff().body(), 400)
    onError(error)
    return c.json(
      [{ message: 'An unexpected error occurred', errorCode: 'UNKNOWN_EXCEPTION' }],
      500,
    )
  })
  return app
}
