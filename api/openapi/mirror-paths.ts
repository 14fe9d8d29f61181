import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { MirrorSchema, RefreshMirrorSchema } from '../../contracts/http/mirror.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems } from './responses.ts'

const tags = ['Mirror']
const params = z.object({
  connectionId: z.string().openapi({ description: 'Id of the connection.' }),
})
const location = z.object({ Location: z.string().openapi({ description: 'Where its state is.' }) })

/** Describes the routes under /v1/connections/{connectionId}/mirror. */
export function describeMirrorPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/connections/{connectionId}/mirror',
    operationId: 'getMirror',
    tags,
    summary: 'Get how far the mirrored rows of an org are',
    request: { params },
    responses: {
      200: json(MirrorSchema, 'By object.'),
      ...problems('connection_not_found'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/mirror/refresh',
    operationId: 'refreshMirror',
    tags,
    summary: 'Pull the rows of an org now',
    description:
      'Begins a run, or one after the run that is under way. `reconcile` also reads all rows again and finds those that are gone.',
    request: {
      params,
      body: {
        required: true,
        content: {
          'application/json': { schema: RefreshMirrorSchema, example: { reconcile: false } },
        },
      },
    },
    responses: {
      202: json(MirrorSchema, 'The wish is noted.', location),
      ...problems('connection_not_found', 'connection_revoked', ...BODY_CODES),
    },
  })
}
