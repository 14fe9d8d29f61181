import type { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { clientAppSchema } from '../oauth/client-app.ts'
import type { OrgUser } from '../oauth/user-directory.ts'
import { readAdminJson } from './admin-json.ts'

const ROOT = '/__simulator'

const expirySchema = z.strictObject({
  user: z.string().optional(),
  clientId: z.string().optional(),
})

/** Apps, approvals and sessions, as an administrator sees them. */
export function addOauthAdminRoutes(app: Hono<OrgEnv>, org: Org): void {
  const { apps, approvals } = org.oauth
  app.get(`${ROOT}/apps`, (c) => c.json({ apps: apps.list() }))
  app.post(`${ROOT}/apps`, async (c) => {
    const client = await readAdminJson(c, clientAppSchema)
    if (apps.get(client.clientId) !== null) {
      throw new ApiError(400, 'DUPLICATE_VALUE', `there is an app ${client.clientId} already`)
    }
    await org.write(() => apps.save(client))
    return c.json(client, 201)
  })
  app.get(`${ROOT}/apps/:clientId`, (c) => {
    const client = apps.get(c.req.param('clientId'))
    if (client === null) throw notFound()
    return c.json(client)
  })
  app.patch(`${ROOT}/apps/:clientId`, async (c) => {
    const stored = apps.get(c.req.param('clientId'))
    if (stored === null) throw notFound()
    const change = await readAdminJson(c, z.record(z.string(), z.unknown()))
    if ('clientId' in change && change['clientId'] !== stored.clientId) {
      throw new ApiError(400, 'INVALID_PARAMETER', 'the id of an app cannot change')
    }
    const changed = clientAppSchema.safeParse({ ...stored, ...change })
    if (!changed.success) {
      throw new ApiError(400, 'INVALID_PARAMETER', z.prettifyError(changed.error))
    }
    await org.write(() => apps.save(changed.data))
    return c.json(changed.data)
  })
  app.delete(`${ROOT}/apps/:clientId`, async (c) => {
    const clientId = c.req.param('clientId')
    const removed = await org.write(() => {
      for (const approval of approvals.list()) {
        if (approval.clientId === clientId) org.oauth.revoke(approval.id)
      }
      org.sessions.closeMany({ clientId })
      return apps.remove(clientId)
    })
    if (!removed) throw notFound()
    return c.body(null, 204)
  })

  app.get(`${ROOT}/approvals`, (c) =>
    c.json({
      approvals: approvals.list().map(({ userNumber, created, ...rest }) => ({
        ...rest,
        user: org.oauth.users.byNumber(userNumber)?.username ?? null,
        created: new Date(created).toISOString(),
      })),
    }),
  )
  app.delete(`${ROOT}/approvals/:id`, async (c) => {
    const id = Number(c.req.param('id'))
    if (!approvals.list().some((approval) => approval.id === id)) throw notFound()
    await org.write(() => org.oauth.revoke(id))
    return c.body(null, 204)
  })

  app.post(`${ROOT}/sessions/expire`, async (c) => {
    const { user, clientId } = await readAdminJson(c, expirySchema)
    const userNumber = user === undefined ? undefined : userOf(org, user).n
    await org.write(() =>
      org.sessions.closeMany({
        ...(userNumber === undefined ? {} : { userNumber }),
        ...(clientId === undefined ? {} : { clientId }),
      }),
    )
    return c.body(null, 204)
  })
}

function userOf(org: Org, username: string): OrgUser {
  const user = org.oauth.users.byUsername(username)
  if (user === null) throw notFound(`there is no user ${username}`)
  return user
}
