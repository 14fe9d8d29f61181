import type { z } from '@hono/zod-openapi'
import type { Payload } from '@temporalio/common'
import { Hono } from 'hono'
import { PayloadsSchema } from '../../contracts/http/codec.ts'
import { DEFAULT_WORKSPACE_ID } from '../../contracts/tenancy.ts'
import { SealingError } from '../../security/sealing.ts'
import type { ApiContext, ApiDependencies, ApiEnv } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { requireContentType } from '../http/content-type.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { createRequestBody } from '../http/request-body.ts'
import { requestIssues } from '../http/request-issues.ts'

type PayloadJson = z.infer<typeof PayloadsSchema>['payloads'][number]

/** `/v1/codec`: opens and seals payloads for the Temporal UI and command line, by their protocol for codec servers. */
export function createCodecRoutes(deps: ApiDependencies) {
  const { payloadCodec, settings } = deps

  async function convert(
    c: ApiContext,
    work: (payloads: Payload[]) => Promise<Payload[]>,
  ): Promise<Response> {
    requireInstallation(c)
    requireContentType(c.req.raw, ['application/json'])
    const body = createRequestBody(c.req.raw, settings, c.var.textShare)
    const parsed = PayloadsSchema.safeParse(await parseJsonBody(body))
    if (!parsed.success) throw requestIssues(parsed.error, 'field', ['payloads'])
    const converted = await work(parsed.data.payloads.map(fromJson))
    return c.json({ payloads: converted.map(toJson) })
  }

  return new Hono<ApiEnv>()
    .post('/v1/codec/encode', (c) => convert(c, (payloads) => payloadCodec.encode(payloads)))
    .post('/v1/codec/decode', (c) =>
      convert(c, async (payloads) => {
        try {
          return await payloadCodec.decode(payloads)
        } catch (error) {
          if (!(error instanceof SealingError)) throw error
          throw new ApiError('invalid_payload', error.message, { cause: error })
        }
      }),
    )
}

/** Temporal knows no workspaces: its payloads are the installation's, and so are those who may read them. */
function requireInstallation(c: ApiContext): void {
  if (c.var.workspaceId === DEFAULT_WORKSPACE_ID) return
  const message = `Payloads are the installation's. Use a key of the workspace ${DEFAULT_WORKSPACE_ID}.`
  throw new ApiError('insufficient_scope', message)
}

function fromJson({ metadata, data }: PayloadJson): Payload {
  const fields = Object.entries(metadata ?? {}).map(
    ([name, bytes]) => [name, Buffer.from(bytes, 'base64')] as const,
  )
  return {
    metadata: Object.fromEntries(fields),
    ...(data === undefined ? {} : { data: Buffer.from(data, 'base64') }),
  }
}

function toJson({ metadata, data }: Payload): PayloadJson {
  const fields = Object.entries(metadata ?? {}).map(
    ([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const,
  )
  return {
    metadata: Object.fromEntries(fields),
    ...(data == null ? {} : { data: Buffer.from(data).toString('base64') }),
  }
}
