import { OpenAPIHono } from '@hono/zod-openapi'
import { describeAdminPaths } from './admin-paths.ts'
import { describeAnalyticsPaths } from './analytics-paths.ts'
import { describeApiKeyPaths } from './api-key-paths.ts'
import { describeAuditLogPaths } from './audit-log-paths.ts'
import { describeBulkJobPaths } from './bulk-job-paths.ts'
import { describeCodecPaths } from './codec-paths.ts'
import { describeConnectionPaths } from './connection-paths.ts'
import { describeHealthPaths } from './health-paths.ts'
import { describeLegacyOauthPaths } from './legacy-oauth-paths.ts'
import { describeLegacyPaths } from './legacy-paths.ts'
import { describeLegacyWebhookPaths } from './legacy-webhook-paths.ts'
import { describeMetadataPaths } from './metadata-paths.ts'
import { describeMirrorPaths } from './mirror-paths.ts'
import { describeNotificationPaths } from './notification-paths.ts'
import { describeQueryPaths } from './query-paths.ts'
import { describeSessionPaths } from './session-paths.ts'
import { describeSubscriptionPaths } from './subscription-paths.ts'
import { describeWebhookIntakePaths } from './webhook-intake-paths.ts'
import { describeWebhookLogPaths } from './webhook-log-paths.ts'
import { describeAccess, SECURITY_SCHEMES } from './with-access.ts'

/** The OpenAPI 3.1 document, made from the schemas that also read and type what goes in and out. */
export function openApiDocument() {
  const collector = new OpenAPIHono()
  describeBulkJobPaths(collector.openAPIRegistry)
  describeLegacyPaths(collector.openAPIRegistry)
  describeHealthPaths(collector.openAPIRegistry)
  describeApiKeyPaths(collector.openAPIRegistry)
  describeSessionPaths(collector.openAPIRegistry)
  describeAuditLogPaths(collector.openAPIRegistry)
  describeConnectionPaths(collector.openAPIRegistry)
  describeMirrorPaths(collector.openAPIRegistry)
  describeLegacyOauthPaths(collector.openAPIRegistry)
  describeWebhookIntakePaths(collector.openAPIRegistry)
  describeSubscriptionPaths(collector.openAPIRegistry)
  describeLegacyWebhookPaths(collector.openAPIRegistry)
  describeWebhookLogPaths(collector.openAPIRegistry)
  describeAnalyticsPaths(collector.openAPIRegistry)
  describeNotificationPaths(collector.openAPIRegistry)
  describeAdminPaths(collector.openAPIRegistry)
  describeMetadataPaths(collector.openAPIRegistry)
  describeQueryPaths(collector.openAPIRegistry)
  describeCodecPaths(collector.openAPIRegistry)
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    collector.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  }
  const document = collector.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Conveyor',
      version: '1',
      description:
        'Durable bulk writes to Salesforce. Errors under /v1 are problem+json with a stable `code`; under /api they have the form that existing callers know.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  })
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item)) describeAccess(method, path, operation)
  }
  return document
}
