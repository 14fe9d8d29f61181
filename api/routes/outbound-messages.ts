import { Hono } from 'hono'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import type { ConnectionOfPath } from '../../db/webhook-intakes.ts'
import { isIntakePath } from '../../security/webhook-intake-secret.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { decodeUtf8 } from '../http/request-body.ts'
import { shareOfText } from '../middleware/share-of-text.ts'
import { isDatabaseUnavailable } from '../unavailable.ts'
import { createBadGuesses } from '../webhooks/bad-guesses.ts'
import { intakeOfNotification } from '../webhooks/notification-event.ts'
import { type OutboundMessage, readOutboundMessage } from '../webhooks/outbound-message.ts'
import { readWebhookBody } from '../webhooks/read-webhook-body.ts'
import { recordKey } from '../webhooks/record-id.ts'
import { acknowledged, soapFault } from '../webhooks/soap-answer.ts'
import type { WebhookIntakeParts } from '../webhooks/webhook-intake-parts.ts'
import { XmlError } from '../webhooks/xml-element.ts'

const PATH = '/webhooks/outbound-messages/:path'

/** Where Salesforce's outbound messages come in. Nobody signs them: a path that only two know stands for a signature. */
export function createOutboundMessageRoutes(
  deps: ApiDependencies,
  { sources, writer, limiter }: WebhookIntakeParts,
) {
  const badPaths = createBadGuesses(deps, limiter, {
    name: 'webhook_path',
    message: 'Too many paths from this address that nobody has.',
  })

  async function take(c: ApiContext, path: string): Promise<Response> {
    const source = await requireSource(c, path)
    const message = read(await readWebhookBody(c, deps.settings))
    requireOwnOrg(c, source, message)
    const intakes = message.notifications.flatMap((notification) => {
      const { requestId } = c.var
      const intake = intakeOfNotification(deps.sealing, source, message, notification, requestId)
      return intake === null ? [] : [intake]
    })
    const gone = message.notifications.length - intakes.length
    if (gone > 0) {
      const { connectionId } = source
      c.var.logger.warn({ connectionId, gone }, 'notifications named no record, and are not stored')
    }
    if (intakes.length > 0) await writer.write(source.workspaceId, intakes)
    return acknowledged(c)
  }

  async function requireSource(c: ApiContext, path: string): Promise<ConnectionOfPath> {
    if (!sources.knowsPath(path)) badPaths.requireFewFrom(c)
    const source = isIntakePath(path) ? await sources.ofPath(path) : null
    if (source !== null) return source
    await badPaths.note(c, DEFAULT_WORKSPACE_ID)
    throw notFound()
  }

  return new Hono<ApiEnv>().use(PATH, shareOfText(deps.settings)).post(PATH, async (c) => {
    try {
      return await take(c, c.req.param('path'))
    } catch (error) {
      const known = toApiError(error)
      if (known === null) throw error
      c.var.logger.warn({ err: known }, 'an outbound message was refused')
      return soapFault(c, known)
    }
  })
}

function read(body: Buffer): OutboundMessage {
  try {
    return readOutboundMessage(decodeUtf8(body))
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    throw new ApiError('invalid_request', `The message cannot be read. ${error.message}`)
  }
}

function requireOwnOrg(c: ApiContext, source: ConnectionOfPath, message: OutboundMessage): void {
  const { connectionId, organizationId } = source
  if (organizationId === null) {
    // It comes again, and by then a person may have authorised the connection.
    throw new ApiError(
      'service_unavailable',
      'The org of this connection is not known yet. Authorise it.',
    )
  }
  if (recordKey(organizationId) === recordKey(message.organizationId)) return
  c.var.logger.warn({ connectionId }, 'an outbound message came from another org')
  throw notFound()
}

/** The same for a path that nobody has and for another org: neither learns of the other. */
function notFound(): ApiError {
  return new ApiError('not_found', 'There is no connection of this path and org.')
}

function toApiError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error
  if (!isDatabaseUnavailable(error)) return null
  return new ApiError('service_unavailable', 'The database does not answer.', { cause: error })
}
