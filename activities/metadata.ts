import type { DescribeObjectInput, ObjectDescribe } from '../contracts/metadata.ts'
import { createDescribeCacheQueries } from '../db/describe-cache.ts'
import { createMetadataRefreshQueries } from '../db/metadata-refreshes.ts'
import type { ActivityDependencies } from './dependencies.ts'
import { diffDescribes } from './metadata/diff-describes.ts'
import { recordChanges } from './metadata/record-changes.ts'

export type Describer = ReturnType<typeof createDescriber>

/** What a look at an object found. */
export interface Look {
  /** Null where the org has no such object, or hides it. */
  readonly describe: ObjectDescribe | null
  /** Differences to the look before that are recorded now. */
  readonly changes: number
}

/** Asks Salesforce and keeps the answer, with what is different from the one before; an unchanged object costs one small answer. */
export function createDescriber(
  deps: Pick<
    ActivityDependencies,
    'database' | 'connections' | 'sealing' | 'webhooks' | 'metadataTtlSeconds'
  >,
) {
  const cache = createDescribeCacheQueries(deps.database)
  const ttlSeconds = deps.metadataTtlSeconds

  async function look(
    connectionId: string,
    workspaceId: string,
    objectType: string,
  ): Promise<Look> {
    const cached = await cache.find(connectionId, objectType)
    const client = await deps.connections.clientFor(connectionId)
    const answer = await client.describeObject(
      objectType,
      cached?.describe && cached.lastModified ? { ifModifiedSince: cached.lastModified } : {},
    )
    switch (answer.status) {
      case 'not_modified':
        await cache.touch(connectionId, objectType, ttlSeconds)
        return { describe: cached?.describe ?? null, changes: 0 }
      case 'found': {
        const { describe, lastModified } = answer
        const changes = await keep({ connectionId, workspaceId, describe, lastModified })
        if (changes > 0) deps.webhooks.onOwnEvents()
        return { describe, changes }
      }
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
        return { describe: null, changes: 0 }
      default:
        return unreachable(answer)
    }
  }

  /** @returns how many differences were recorded */
  async function keep(found: {
    readonly connectionId: string
    readonly workspaceId: string
    readonly describe: ObjectDescribe
    readonly lastModified: string | null
  }): Promise<number> {
    const { connectionId, workspaceId, describe } = found
    return deps.database.transaction(async (transaction) => {
      const entries = createDescribeCacheQueries(transaction)
      // Held, so that of two looks at the same time the second one compares with the first.
      const before = await entries.findForUpdate(connectionId, describe.name)
      await entries.put({ ...found, objectType: describe.name, ttlSeconds })
      if (before === null || before.describe === null) return 0
      // Until a refresh has seen all, a difference is no news.
      const hasBaseline = await createMetadataRefreshQueries(transaction).hasBaseline(connectionId)
      if (!hasBaseline) return 0
      const differences = diffDescribes(before.describe, describe)
      const { sealing } = deps
      await recordChanges(transaction, sealing, { connectionId, workspaceId }, differences)
      return differences.length
    })
  }

  return {
    look,
    async describe(
      connectionId: string,
      workspaceId: string,
      objectType: string,
    ): Promise<ObjectDescribe | null> {
      return (await look(connectionId, workspaceId, objectType)).describe
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
