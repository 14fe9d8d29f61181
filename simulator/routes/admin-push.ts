import type { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { outboundWsdl } from '../push/outbound-wsdl.ts'
import { addOutboundMessage, addWebhook } from '../push/subscribe.ts'
import {
  outboundMessageSchema,
  type Subscription,
  targetOf,
  webhookSchema,
} from '../push/subscription.ts'
import { readAdminJson } from './admin-json.ts'

const ROOT = '/__simulator'
const DEFAULT_FLUSH_MS = 10_000
const MAX_FLUSH_MS = 60_000

const activeSchema = z.strictObject({ active: z.boolean() })

/** Outbound messages and signed webhooks: who gets them, and what was sent. */
export function addAdminPushRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.post(`${ROOT}/outbound-messages`, async (c) => {
    const asked = await readAdminJson(c, outboundMessageSchema)
    return c.json(shown(org, await addOutboundMessage(org, asked)), 201)
  })

  app.get(`${ROOT}/outbound-messages/:n/wsdl`, (c) => {
    const subscription = findSubscription(org, c, 'outbound')
    const object =
      subscription.kind === 'outbound' ? org.schema.object(subscription.outbound.object) : null
    if (subscription.kind !== 'outbound' || object === null) throw notFound()
    const { fields, endpointUrl } = subscription.outbound
    const known = fields.flatMap((name) => org.schema.field(object, name) ?? [])
    c.header('Content-Type', 'text/xml; charset=UTF-8')
    return c.body(outboundWsdl(object, known, endpointUrl))
  })

  app.post(`${ROOT}/webhooks`, async (c) => {
    const asked = await readAdminJson(c, webhookSchema)
    return c.json(shown(org, await addWebhook(org, asked)), 201)
  })

  for (const kind of ['outbound', 'webhook'] as const) {
    const path = kind === 'outbound' ? 'outbound-messages' : 'webhooks'
    app.get(`${ROOT}/${path}`, (c) => {
      const found = org.pushes.list().filter((subscription) => subscription.kind === kind)
      return c.json({ subscriptions: found.map((subscription) => shown(org, subscription)) })
    })
    app.get(`${ROOT}/${path}/:n`, (c) => c.json(shown(org, findSubscription(org, c, kind))))
    app.patch(`${ROOT}/${path}/:n`, async (c) => {
      const { n } = findSubscription(org, c, kind)
      const { active } = await readAdminJson(c, activeSchema)
      await org.pushes.setActive(n, active)
      return c.json(shown(org, findSubscription(org, c, kind)))
    })
    app.delete(`${ROOT}/${path}/:n`, async (c) => {
      await org.pushes.remove(findSubscription(org, c, kind).n)
      return c.body(null, 204)
    })
  }

  app.get(`${ROOT}/pushes`, (c) => {
    const filter = {
      subscription: numberOf(c, 'subscription'),
      outcome: c.req.query('outcome'),
      recordId: c.req.query('recordId'),
      since: numberOf(c, 'since'),
    }
    return c.json({
      waiting: org.pushes.waiting(),
      counts: org.pushes.log.counts(),
      pushes: org.pushes.log.find(filter, numberOf(c, 'limit') ?? 1_000),
    })
  })
  app.delete(`${ROOT}/pushes`, (c) => {
    org.pushes.log.clear()
    return c.body(null, 204)
  })
  app.post(`${ROOT}/pushes/retry`, async (c) => {
    await org.pushes.retryNow()
    return c.body(null, 204)
  })
  app.post(`${ROOT}/pushes/flush`, async (c) => {
    const timeoutMs = Math.min(numberOf(c, 'timeoutMs') ?? DEFAULT_FLUSH_MS, MAX_FLUSH_MS)
    const waiting = await org.pushes.flush(timeoutMs)
    return c.json({ waiting }, waiting === 0 ? 200 : 504)
  })
}

function findSubscription(org: Org, c: OrgContext, kind: Subscription['kind']): Subscription {
  const found = org.pushes.get(Number(c.req.param('n')))
  if (found === null || found.kind !== kind) throw notFound()
  return found
}

function numberOf(c: OrgContext, name: string): number | undefined {
  const text = c.req.query(name)
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ApiError(400, 'INVALID_PARAMETER', `${name} must be a whole number`)
}

/** A subscription as its registrar wrote it, with its number and what waits; no secret is shown. */
function shown(org: Org, subscription: Subscription): object {
  const state = {
    id: subscription.n,
    target: targetOf(subscription),
    waiting: org.pushes.waiting(subscription.n),
  }
  if (subscription.kind === 'outbound') return { ...state, ...subscription.outbound }
  const { secret: _, ...webhook } = subscription.webhook
  return { ...state, ...webhook }
}
