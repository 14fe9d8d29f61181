import type { Hono } from 'hono'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf } from '../ids.ts'
import { ADMIN } from '../org.ts'

/** Takes records out of the recycle bin, which people do by hand and REST has no call for. */
export function addRecycleBinRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.post('/__simulator/recycle-bin/:id/undelete', async (c) => {
    const id = canonicalId(c.req.param('id'))
    const object = id === null ? null : org.schema.byKeyPrefix(keyPrefixOf(id))
    if (id === null || object === null) throw notFound()
    const stamp = { at: Date.now(), by: ADMIN }
    const result = await org.write(() => org.writer.undelete(object, id, { stamp, source: 'rest' }))
    if (result.ok) return c.json({ id: result.id, success: true, errors: [] })
    const { code, message, fields } = result.error
    throw new ApiError(400, code, message, fields)
  })
}
