import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  ApiKeyListSchema,
  ApiKeySchema,
  CreateApiKeySchema,
  CreatedApiKeySchema,
  RotateApiKeySchema,
} from '../../contracts/http/api-keys.ts'
import { PageQuerySchema } from '../../contracts/http/bulk-jobs.ts'
import { BODY_CODES } from './input-codes.ts'
import { json, problems } from './responses.ts'

const tags = ['API keys']
const params = z.object({ keyId: z.string().openapi({ description: 'Id of the key.' }) })
const location = z.object({ Location: z.string().openapi({ description: 'Where the key is.' }) })
const body = (schema: z.ZodType, example: object) => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

/** Describes the routes under /v1/api-keys. */
export function describeApiKeyPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'post',
    path: '/v1/api-keys',
    operationId: 'createApiKey',
    tags,
    summary: 'Make a key',
    description:
      'The answer holds the key; it is shown this once. Nobody gives more than they have.',
    request: { body: body(CreateApiKeySchema, { name: 'nightly import', role: 'operator' }) },
    responses: {
      201: json(CreatedApiKeySchema, 'The key.', location),
      ...problems(...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/api-keys',
    operationId: 'listApiKeys',
    tags,
    summary: 'List keys, newest first',
    request: { query: PageQuerySchema },
    responses: {
      200: json(ApiKeyListSchema, 'A page of keys.'),
      ...problems('unknown_parameter', 'invalid_request', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/api-keys/{keyId}',
    operationId: 'getApiKey',
    tags,
    summary: 'Get a key',
    request: { params },
    responses: { 200: json(ApiKeySchema, 'All but the key itself.'), ...problems('key_not_found') },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/api-keys/{keyId}/rotate',
    operationId: 'rotateApiKey',
    tags,
    summary: 'Replace a key',
    description:
      'Makes a key with the same name, role and scopes. The old one goes on for a while.',
    request: { params, body: body(RotateApiKeySchema, { overlap_seconds: 3600 }) },
    responses: {
      201: json(CreatedApiKeySchema, 'The new key.', location),
      ...problems('key_not_found', 'key_revoked', ...BODY_CODES),
    },
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/api-keys/{keyId}',
    operationId: 'revokeApiKey',
    tags,
    summary: 'Revoke a key',
    description: 'It is refused from now on, by every process.',
    request: { params },
    responses: { 200: json(ApiKeySchema, 'The revoked key.'), ...problems('key_not_found') },
  })
}
