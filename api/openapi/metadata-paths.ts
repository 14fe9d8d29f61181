import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import {
  LegacyCustomObjectListSchema,
  LegacyCustomObjectQuerySchema,
  LegacyCustomObjectSchema,
} from '../../contracts/http/legacy-custom-objects.ts'
import {
  MetadataChangeListSchema,
  MetadataChangeQuerySchema,
  MetadataRefreshSchema,
  ObjectListQuerySchema,
  ObjectListSchema,
  ObjectQuerySchema,
  ObjectSchema,
} from '../../contracts/http/metadata.ts'
import { LegacyErrorSchema } from '../../contracts/http/problem.ts'
import type { ErrorCode } from '../errors.ts'
import { json, legacyErrors, problems } from './responses.ts'

const ofConnection = z.object({ connectionId: z.string() })
const ofObject = z.object({
  objectName: z.string().openapi({ description: 'API name of the object.', example: 'Account' }),
})
const CONDITIONAL = z.object({
  'If-None-Match': z.string().optional().openapi({ description: 'The ETag that the caller has.' }),
})
const CACHED = z.object({
  ETag: z.string(),
  Age: z.string().openapi({ description: 'Seconds since Salesforce said so.' }),
})
const NOT_MODIFIED = { 304: { description: 'As the caller has it.', headers: CACHED } }
const READ_CODES: readonly ErrorCode[] = [
  ...(['unknown_parameter', 'invalid_request', 'connection_not_found'] as const),
  ...(['authentication_failed', 'salesforce_unavailable'] as const),
]
const tags = ['Metadata']

/** Describes objects, their changes, and the looks that find these. */
export function describeMetadataPaths(registry: OpenAPIHono['openAPIRegistry']): void {
  describeObjects(registry)
  describeRefreshes(registry)
  describeLegacy(registry)
}

function describeObjects(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/objects',
    operationId: 'listObjects',
    tags,
    summary: 'List the objects of an org, in order of name',
    request: { query: ObjectListQuerySchema, headers: CONDITIONAL },
    responses: {
      200: json(ObjectListSchema, 'A page of objects.', CACHED),
      ...NOT_MODIFIED,
      ...problems(...READ_CODES, 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/objects/{objectName}',
    operationId: 'getObject',
    tags,
    summary: 'Get an object with its fields',
    request: { params: ofObject, query: ObjectQuerySchema, headers: CONDITIONAL },
    responses: {
      200: json(ObjectSchema, 'The object.', CACHED),
      ...NOT_MODIFIED,
      ...problems(...READ_CODES, 'object_not_found'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/objects/{objectName}/types.ts',
    operationId: 'getObjectTypes',
    tags,
    summary: 'Get an object as a TypeScript module',
    request: { params: ofObject, query: ObjectQuerySchema, headers: CONDITIONAL },
    responses: {
      200: {
        description: 'An interface of its records, and a type for each picklist.',
        content: { 'text/plain': { schema: z.string() } },
        headers: CACHED,
      },
      ...NOT_MODIFIED,
      ...problems(...READ_CODES, 'object_not_found'),
    },
  })
}

function describeRefreshes(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    method: 'get',
    path: '/v1/metadata-changes',
    operationId: 'listMetadataChanges',
    tags,
    summary: 'List what changed in objects and fields, newest first',
    request: { query: MetadataChangeQuerySchema },
    responses: {
      200: json(MetadataChangeListSchema, 'A page of changes.'),
      ...problems('unknown_parameter', 'invalid_request', 'invalid_cursor'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/connections/{connectionId}/metadata',
    operationId: 'getMetadataRefresh',
    tags,
    summary: 'How the last look at the metadata of a connection went, or goes',
    request: { params: ofConnection },
    responses: {
      200: json(MetadataRefreshSchema, 'The look.'),
      ...problems('connection_not_found'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/v1/connections/{connectionId}/metadata/refresh',
    operationId: 'refreshMetadata',
    tags,
    summary: 'Look at the metadata of a connection now',
    description: 'Does nothing where a look is under way.',
    request: { params: ofConnection },
    responses: {
      202: json(MetadataRefreshSchema, 'Asked for.', z.object({ Location: z.string() })),
      ...problems('connection_not_found', 'connection_revoked'),
    },
  })
}

function describeLegacy(registry: OpenAPIHono['openAPIRegistry']): void {
  const legacyTags = ['Custom objects (legacy)']
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/custom-objects',
    operationId: 'legacyListCustomObjects',
    tags: legacyTags,
    summary: 'List the custom objects of an org',
    description:
      'Answers 200 with `ok: false` and `error` `authentication_failed`, `query_failed` or `custom_objects_query_failed` where Salesforce did not answer as wanted.',
    request: { query: LegacyCustomObjectQuerySchema },
    responses: {
      200: json(
        z.union([LegacyCustomObjectListSchema, LegacyErrorSchema]),
        'The objects whose names end in __c; or why they are not known.',
      ),
      ...legacyErrors('missing_user_id', 'invalid_request'),
    },
  })
  registry.registerPath({
    method: 'get',
    path: '/api/salesforce/custom-objects/{objectName}/metadata',
    operationId: 'legacyGetCustomObjectMetadata',
    tags: legacyTags,
    summary: 'Get an object, custom or not, with its fields',
    request: { params: ofObject, query: LegacyCustomObjectQuerySchema.pick({ user_id: true }) },
    responses: {
      200: json(LegacyCustomObjectSchema, 'The object.'),
      404: json(LegacyErrorSchema, '`metadata_query_failed` or `authentication_failed`, and why.'),
      ...legacyErrors('missing_user_id', 'invalid_request'),
    },
  })
}
