import { Hono } from 'hono'
import { IssueIntakeSchema } from '../../contracts/http/webhook-intakes.ts'
import { createAuditLogQueries } from '../../db/audit-log.ts'
import { createWebhookIntakeQueries, intakeSecretContext } from '../../db/webhook-intakes.ts'
import {
  hashIntakePath,
  makeIntakePath,
  makeIntakeSecret,
} from '../../security/webhook-intake-secret.ts'
import { auditEntry } from '../audit.ts'
import { connectionUrl } from '../connection-body.ts'
import { requireConnectionOfId } from '../connections/find-connection.ts'
import { requireEncryption } from '../connections/require-app.ts'
import type { ApiDependencies, ApiEnv } from '../dependencies.ts'
import { readJsonBody } from '../http/read-json-body.ts'
import type { IntakeSources } from '../webhooks/intake-sources.ts'

const FIELDS = Object.keys(IssueIntakeSchema.shape)
const SECRET = '/v1/connections/:connectionId/webhook-secret'
const PATH = '/v1/connections/:connectionId/outbound-message-path'

/** Secrets and paths by which the org of a connection reaches us. Each is shown once. */
export function createWebhookIntakeSettingsRoutes(deps: ApiDependencies, sources: IntakeSources) {
  const { sealing, settings } = deps

  /** Seen from outside, where it is known how that looks. */
  function addressOf(path: string): string {
    return settings.webhooks.publicUrl === null
      ? path
      : new URL(path, settings.webhooks.publicUrl).href
  }

  return new Hono<ApiEnv>()
    .post(SECRET, async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      const asked = await readJsonBody(c, settings, IssueIntakeSchema, FIELDS)
      requireEncryption(deps)
      const secret = makeIntakeSecret()
      const seal = (column: 'secret' | 'previous_secret', text: Buffer) =>
        sealing.seal(intakeSecretContext(connectionId, column), text)
      const until = await c.var.database.transaction(async (transaction) => {
        const intakes = createWebhookIntakeQueries(transaction)
        const before = (await intakes.lock({ connectionId, workspaceId: c.var.workspaceId })).secret
        const goesOn = before !== null && asked.overlap_seconds > 0
        const previousUntil = goesOn ? secondsFromNow(asked.overlap_seconds) : null
        await intakes.setSecret(connectionId, {
          secret: seal('secret', Buffer.from(secret)),
          previousSecret: goesOn
            ? seal(
                'previous_secret',
                sealing.openSecret(intakeSecretContext(connectionId, 'secret'), before),
              )
            : null,
          previousSecretExpiresAt: previousUntil,
        })
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            action: before === null ? 'webhook_secret.issued' : 'webhook_secret.rotated',
            subject: connectionId,
            details: before === null ? {} : { overlap_seconds: asked.overlap_seconds },
          }),
        )
        return previousUntil
      })
      sources.forget()
      c.header('Cache-Control', 'no-store')
      const url = addressOf(`${connectionUrl(connectionId)}/webhooks`)
      return c.json({ connection_id: connectionId, url, secret, ...previous(until) }, 201)
    })
    .post(PATH, async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      const asked = await readJsonBody(c, settings, IssueIntakeSchema, FIELDS)
      const secretPart = makeIntakePath()
      const until = await c.var.database.transaction(async (transaction) => {
        const intakes = createWebhookIntakeQueries(transaction)
        const { pathHash } = await intakes.lock({ connectionId, workspaceId: c.var.workspaceId })
        const goesOn = pathHash !== null && asked.overlap_seconds > 0
        const previousUntil = goesOn ? secondsFromNow(asked.overlap_seconds) : null
        await intakes.setPath(connectionId, hashIntakePath(secretPart), previousUntil)
        await createAuditLogQueries(transaction).append(
          auditEntry(c, {
            action:
              pathHash === null ? 'outbound_message_path.issued' : 'outbound_message_path.rotated',
            subject: connectionId,
            details: pathHash === null ? {} : { overlap_seconds: asked.overlap_seconds },
          }),
        )
        return previousUntil
      })
      sources.forget()
      c.header('Cache-Control', 'no-store')
      const path = `/webhooks/outbound-messages/${secretPart}`
      const fields = { connection_id: connectionId, url: addressOf(path), path }
      return c.json({ ...fields, ...previous(until) }, 201)
    })
    .delete(PATH, async (c) => {
      const { connectionId } = await requireConnectionOfId(c, c.req.param('connectionId'))
      await c.var.database.transaction(async (transaction) => {
        const removed = await createWebhookIntakeQueries(transaction).removePaths(connectionId)
        if (!removed) return
        await createAuditLogQueries(transaction).append(
          auditEntry(c, { action: 'outbound_message_path.removed', subject: connectionId }),
        )
      })
      sources.forget()
      return c.json({ connection_id: connectionId, removed: true })
    })
}

function secondsFromNow(seconds: number): Date {
  return new Date(Date.now() + seconds * 1_000)
}

function previous(until: Date | null) {
  return { previous_expires_at: until?.toISOString() ?? null }
}
