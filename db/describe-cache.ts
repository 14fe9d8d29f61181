import { type CommonQueryMethods, sql } from 'slonik'
import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'
import { row } from './row-type.ts'

export interface CachedDescribe {
  /** Null where Salesforce says that there is no such object, or it cannot be seen. */
  readonly describe: ObjectDescribe | null
  /** Salesforce's Last-Modified, for If-Modified-Since. */
  readonly lastModified: string | null
  readonly fetchedAt: Date
  readonly stale: boolean
  /** Kept by an earlier release, which left parts out: what it lacks is filled with guesses that allow everything. */
  readonly outdated: boolean
}

interface CachedDescribeRow {
  describe: KeptDescribe | null
  last_modified: string | null
  fetched_at: Date
  stale: boolean
}

export type DescribeCacheQueries = ReturnType<typeof createDescribeCacheQueries>

export function createDescribeCacheQueries(connection: CommonQueryMethods) {
  return {
    /** By name without regard to case; null when it was never asked for. */
    async find(connectionId: string, objectType: string): Promise<CachedDescribe | null> {
      const found = await connection.maybeOne(sql.type(row<CachedDescribeRow>())`
        select describe, last_modified, fetched_at, expires_at < now() as stale
        from describe_cache
        where connection_id = ${connectionId} and lower(object_type) = lower(${objectType})
        order by (object_type = ${objectType}) desc limit 1`)
      return found ? toCached(found) : null
    },

    /** As `find`, and holds the entry against other writers until the transaction ends. */
    async findForUpdate(connectionId: string, objectType: string): Promise<CachedDescribe | null> {
      const found = await connection.maybeOne(sql.type(row<CachedDescribeRow>())`
        select describe, last_modified, fetched_at, expires_at < now() as stale
        from describe_cache
        where connection_id = ${connectionId} and lower(object_type) = lower(${objectType})
        order by (object_type = ${objectType}) desc limit 1 for update`)
      return found ? toCached(found) : null
    },

    /** Whoever reads them next has Salesforce asked again, and waits for it where it said that there was none. */
    async expire(connectionId: string, objectTypes: readonly string[]): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from describe_cache
        where connection_id = ${connectionId} and describe is null
          and lower(object_type) in (select lower(name) from unnest(${sql.array([...objectTypes], 'text')}) as name)`)
      await connection.query(sql.type(row<never>())`
        update describe_cache set expires_at = least(expires_at, now()), last_modified = null
        where connection_id = ${connectionId} and object_type = any(${sql.array([...objectTypes], 'text')})`)
    },

    async put(entry: {
      connectionId: string
      workspaceId: string
      objectType: string
      describe: ObjectDescribe | null
      lastModified: string | null
      ttlSeconds: number
    }): Promise<void> {
      // Another spelling of the same object, kept from a time when it was not there, would hide this one.
      await connection.query(sql.type(row<never>())`
        delete from describe_cache
        where connection_id = ${entry.connectionId} and object_type <> ${entry.objectType}
          and lower(object_type) = lower(${entry.objectType})`)
      await connection.query(sql.type(row<never>())`
        insert into describe_cache (connection_id, workspace_id, object_type, describe, last_modified, expires_at)
        values (${entry.connectionId}, ${entry.workspaceId}, ${entry.objectType},
          ${entry.describe === null ? null : sql.jsonb(entry.describe as never)}, ${entry.lastModified},
          now() + ${entry.ttlSeconds} * interval '1 second')
        on conflict (connection_id, object_type) do update
        set describe = excluded.describe, last_modified = excluded.last_modified,
          fetched_at = now(), expires_at = excluded.expires_at`)
    },

    /** Salesforce says that nothing changed: the entry is good for another while. */
    async touch(connectionId: string, objectType: string, ttlSeconds: number): Promise<void> {
      await connection.query(sql.type(row<never>())`
        update describe_cache
        set fetched_at = now(), expires_at = now() + ${ttlSeconds} * interval '1 second'
        where connection_id = ${connectionId} and lower(object_type) = lower(${objectType})`)
    },

    /** Names known to exist in the org, for "did you mean". */
    async objectNames(connectionId: string): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ object_type: string }>())`
        select object_type from describe_cache
        where connection_id = ${connectionId} and describe is not null`)
    },

    /** Names that any connection of the workspace knows, up to so many. */
    async knownNames(limit: number): Promise<readonly string[]> {
      return connection.anyFirst(sql.type(row<{ object_type: string }>())`
        select distinct object_type from describe_cache where describe is not null
        order by object_type limit ${limit}`)
    },

    /** Which of the names Salesforce lately said to be none, in small letters; by the connection, or by all asked. */
    async knownMissing(
      names: readonly string[],
      connectionId: string | null,
    ): Promise<readonly string[]> {
      const small = names.map((name) => name.toLowerCase())
      return connection.anyFirst(sql.type(row<{ name: string }>())`
        select lower(object_type) as name from describe_cache
        where lower(object_type) = any(${sql.array(small, 'text')})
          and (${connectionId}::text is null or connection_id = ${connectionId})
        group by 1 having bool_and(describe is null and expires_at > now()) order by 1`)
    },
  }
}

/** What an entry of an earlier release may lack. */
type KeptDescribe = Omit<
  ObjectDescribe,
  'fields' | 'labelPlural' | 'retrieveable' | 'childRelationships'
> &
  Partial<Pick<ObjectDescribe, 'labelPlural' | 'retrieveable' | 'childRelationships'>> & {
    readonly fields: readonly (FieldDescribe & Partial<FieldDescribe>)[]
  }

function toCached(r: CachedDescribeRow): CachedDescribe {
  const outdated = r.describe !== null && r.describe.childRelationships === undefined
  return {
    describe: r.describe === null ? null : completed(r.describe),
    // Salesforce would say that nothing changed, and the entry would stay as it is.
    lastModified: outdated ? null : r.last_modified,
    fetchedAt: r.fetched_at,
    stale: r.stale || outdated,
    outdated,
  }
}

function completed(kept: KeptDescribe): ObjectDescribe {
  return {
    labelPlural: kept.label,
    retrieveable: kept.queryable,
    childRelationships: [],
    ...kept,
    fields:
      kept.childRelationships !== undefined
        ? kept.fields
        : kept.fields.map((field) => ({
            ...{ calculatedFormula: null, inlineHelpText: null, nameField: false },
            ...{ filterable: true, groupable: true, aggregatable: true, sortable: true },
            ...field,
            picklistValues: field.picklistValues.map((each) => ({
              ...each,
              label: each.label ?? each.value,
            })),
          })),
  }
}
