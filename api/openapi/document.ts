import { OpenAPIHono } from '@hono/zod-openapi'
import { describeBulkJobPaths } from './bulk-job-paths.ts'
import { describeLegacyPaths } from './legacy-paths.ts'

/** The OpenAPI 3.1 document, made from the schemas that also read and type what goes in and out. */
export function openApiDocument() {
  const collector = new OpenAPIHono()
  describeBulkJobPaths(collector.openAPIRegistry)
  describeLegacyPaths(collector.openAPIRegistry)
  return collector.getOpenAPI31Document({
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
}
