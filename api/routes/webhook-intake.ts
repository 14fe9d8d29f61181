import { Hono } from 'hono'
import { DEFAULT_CONNECTION_ID, DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError, errorKind } from '../errors.ts'
import { shareOfText } from '../middleware/share-of-text.ts'
import { type AcceptedWebhook, acceptWebhook } from '../webhooks/accept-webhook.ts'
import { createBadGuesses } from '../webhooks/bad-guesses.ts'
import { createCanonicalSenders } from '../webhooks/canonical-senders.ts'
import type { IntakeSource } from '../webhooks/intake-sources.ts'
import { isTestWebhook } from '../webhooks/parse-webhook.ts'
import { readWebhookBody } from '../webhooks/read-webhook-body.ts'
import {
  MOST_SUSPECT_BYTES,
  readSignatureHeaders,
  type Verified,
  verifyWebhook,
} from '../webhooks/verify-webhook.ts'
import type { WebhookIntakeParts } from '../webhooks/webhook-intake-parts.ts'

const ENVIRONMENT_PATH = '/webhooks/salesforce'
const CONNECTION_PATH = '/v1/connections/:connectionId/webhooks'
const DELIVERY_HEADERS = ['x-salesforce-delivery-id', 'webhook-id'] as const

/** Where signed webhooks come in: no key is asked for, and no limit but for bad signatures. */
export function createWebhookIntakeRoutes(deps: ApiDependencies, intake: WebhookIntakeParts) {
  const { settings } = deps
  const badSignatures = createBadGuesses(deps, intake.limiter, {
    name: 'webhook_signature',
    message:
      'Too many webhooks from this address with wrong signatures, or for connections that nobody has.',
  })
  const canonicalSenders = createCanonicalSenders()

  async function take(c: ApiContext, connectionId: string): Promise<Response> {
    const body = await readWebhookBody(c, settings)
    const signed = readSignatureHeaders({
      signature: c.req.header('x-salesforce-signature'),
      timestamp: c.req.header('x-salesforce-timestamp'),
    })
    // Nothing is looked up for what nobody can have signed, but for those who try things out.
    if (signed.refusal !== null && !isTestWebhook(body)) throw signed.refusal
    const source = await requireSource(c, connectionId)
    const verified = signed.refusal === null ? verify(c, source, body, signed) : signed
    if (verified.refusal !== null) {
      if (verified.isWrong) await badSignatures.note(c, source.workspaceId)
      const refusal =
        verified.isWrong && source.secrets.length === 0 ? noSecret(connectionId) : verified.refusal
      if (isTestWebhook(body)) return c.json(testAnswer(refusal))
      throw refusal
    }
    if (isTestWebhook(body)) return c.json(testAnswer(null))
    const request = {
      body,
      signed: { timestamp: verified.timestamp, text: verified.text },
      deliveryHeader: firstHeader(c, DELIVERY_HEADERS),
      requestId: c.var.requestId,
    }
    return c.json(answer(await acceptWebhook({ ...deps, ...intake }, source, request)))
  }

  function verify(
    c: ApiContext,
    { connectionId, secrets }: IntakeSource,
    body: Buffer,
    signed: { readonly timestamp: string; readonly signature: Buffer },
  ): Verified {
    const isSuspect = badSignatures.isOver(c) && body.length > MOST_SUSPECT_BYTES
    const isExempt = isSuspect && canonicalSenders.isExempt(connectionId)
    const verified = verifyWebhook(body, signed, secrets, isSuspect && !isExempt)
    if (verified.refusal === null) {
      if (verified.text !== body) canonicalSenders.noteRight(connectionId)
    } else if (isExempt && verified.isWrong) canonicalSenders.noteWrong(connectionId)
    return verified
  }

  /** Ids that nobody has count as wrong signatures do, and cost the database nothing where those are too many. */
  async function requireSource(c: ApiContext, connectionId: string): Promise<IntakeSource> {
    if (!intake.sources.knowsConnection(connectionId)) badSignatures.requireFewFrom(c)
    const source = /^[\w-]{1,200}$/.test(connectionId)
      ? await intake.sources.ofConnection(connectionId)
      : null
    if (source !== null) return source
    await badSignatures.note(c, DEFAULT_WORKSPACE_ID)
    throw new ApiError('connection_not_found', 'There is no connection of this id.')
  }

  /** As the replaced service did, where that is asked for: whoever sends it does not repeat it. */
  async function asBefore(c: ApiContext, taking: Promise<Response>): Promise<Response> {
    try {
      return await taking
    } catch (error) {
      const isRefused = error instanceof ApiError && errorKind(error.code).status < 500
      if (!settings.webhooks.legacyAnswers || !isRefused) throw error
      c.var.logger.info({ code: error.code }, 'a webhook was refused')
      const fields = { error: error.code, message: error.message, request_id: c.var.requestId }
      return c.json({ ok: false, ...fields }, 200, error.headers)
    }
  }

  return new Hono<ApiEnv>()
    .use(ENVIRONMENT_PATH, shareOfText(settings))
    .use(CONNECTION_PATH, shareOfText(settings))
    .post(ENVIRONMENT_PATH, (c) => asBefore(c, take(c, DEFAULT_CONNECTION_ID)))
    .post(CONNECTION_PATH, (c) => take(c, c.req.param('connectionId')))
}

function firstHeader(c: ApiContext, names: readonly string[]): string | null {
  for (const name of names) {
    const value = c.req.header(name)?.trim() ?? ''
    if (value !== '') return value
  }
  return null
}

/** Flat, as callers of the replaced service know it, and under `data`. */
function answer({ eventIds, isDuplicate }: AcceptedWebhook) {
  const message = isDuplicate
    ? 'This webhook was taken in before; nothing was stored.'
    : `${eventIds.length} ${eventIds.length === 1 ? 'event was' : 'events were'} stored.`
  const fields = { duplicate: isDuplicate, events: eventIds.length, event_ids: eventIds }
  return { ok: true, message, ...fields, data: fields }
}

function testAnswer(refusal: ApiError | null) {
  const message =
    refusal === null
      ? 'Webhooks arrive here, and the signature is right. A test is not stored.'
      : `Webhooks arrive here. The signature is not right yet: ${refusal.message}`
  const fields = {
    test: true,
    signature_valid: refusal === null,
    signature_error: refusal?.code ?? null,
  }
  return { ok: true, message, ...fields, data: fields }
}

function noSecret(connectionId: string): ApiError {
  const remedy =
    connectionId === DEFAULT_CONNECTION_ID
      ? 'Set SALESFORCE_WEBHOOK_SECRET.'
      : `Make one with POST /v1/connections/${connectionId}/webhook-secret.`
  return new ApiError('webhook_secret_missing', `This connection has no webhook secret. ${remedy}`)
}
