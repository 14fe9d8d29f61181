import type { DescribeObjectInput, ObjectDescribe } from '../contracts/metadata.ts'
import { createDescribeCacheQueries } from '../db/describe-cache.ts'
import type { ActivityDependencies } from './dependencies.ts'

export type Describer = ReturnType<typeof createDescriber>

/** Asks Salesforce and keeps the answer; an unchanged object costs one small answer. */
export function createDescriber(deps: ActivityDependencies) {
  const cache = createDescribeCacheQueries(deps.database)
  const ttlSeconds = deps.metadataTtlSeconds

  return {
    async describe(
      connectionId: string,
      workspaceId: string,
      objectType: string,
    ): Promise<ObjectDescribe | null> {
      const cached = await cache.find(connectionId, objectType)
      const client = await deps.connections.clientFor(connectionId)
      const answer = await client.describeObject(
        objectType,
        cached?.describe && cached.lastModified ? { ifModifiedSince: cached.lastModified } : {},
      )
      switch (answer.status) {
        case 'not_modified':
          await cache.touch(connectionId, objectType, ttlSeconds)
          return cached?.describe ?? null
        case 'found':
          await cache.put({
            connectionId,
            workspaceId,
            objectType: answer.describe.name,
            describe: answer.describe,
            lastModified: answer.lastModified,
            ttlSeconds,
          })
          return answer.describe
        case 'not_found':
          await cache.put({
            connectionId,
            workspaceId,
            objectType,
            describe: null,
            lastModified: null,
            // An object that does not exist today may be made tomorrow.
            ttlSeconds: Math.min(ttlSeconds, 300),
          })
          return null
        default:
          return unreachable(answer)
      }
    },
  }
}

export function createMetadataActivities(describer: Describer) {
  return {
    async describeObject(input: DescribeObjectInput): Promise<void> {
      await describer.describe(input.connectionId, input.workspaceId, input.objectType)
    },
  }
}

function unreachable(answer: never): never {
  throw new Error(`Unknown answer ${JSON.stringify(answer)}`)
}
