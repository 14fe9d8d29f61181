import { sql } from 'slonik'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fieldFixture, objectFixture } from '../../bulk/describe-fixture.ts'
import { DEFAULT_CONNECTION_ID } from '../../contracts/tenancy.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import { createMetadataChangeQueries } from '../../db/metadata-changes.ts'
import { createObjectCatalogueQueries } from '../../db/object-catalogue.ts'
import { row } from '../../db/row-type.ts'
import { createCustomObjectsCacheQueries } from '../../db/salesforce-custom-objects-cache.ts'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { OF_DEFAULT, summaryFixture } from './metadata-setup.ts'

let owner: TestDatabase
let database: Database
beforeAll(async () => {
  owner = await createTestDatabase()
  database = await openDatabase({ url: owner.databaseUrl, poolSize: 2, onError: () => {} })
})
afterAll(async () => {
  await database.end()
  await owner.drop()
})

test('retention removes old changes and answers whose time is over, and no others', async () => {
  const own = database.workspace('default')
  const change = { kind: 'object_added', objectType: 'A', field: null, before: null } as const
  await createMetadataChangeQueries(own).insertAll(OF_DEFAULT, [
    { ...change, changeId: 'mdc_old', after: {} },
    { ...change, changeId: 'mdc_new', after: {} },
  ])
  await own.query(sql.type(row<never>())`
    update metadata_changes set created_at = now() - interval '91 days' where change_id = 'mdc_old'`)
  const cache = createCustomObjectsCacheQueries(own)
  const cachedAt = new Date()
  for (const [userId, ms] of [
    ['gone', -1_000],
    ['kept', 60_000],
  ] as const) {
    const expiresAt = new Date(Date.now() + ms)
    await cache.put({ ...OF_DEFAULT, userId, objects: [], cachedAt, expiresAt })
  }
  const { retention } = database.system
  expect(await retention.deleteOldMetadataChanges(90, 10)).toBe(1)
  expect(await retention.deleteExpiredCustomObjects(10)).toBe(1)
  const left = await createMetadataChangeQueries(own).list({}, 10, null)
  expect(left.map(({ changeId }) => changeId)).toEqual(['mdc_new'])
  expect(await cache.find('kept', DEFAULT_CONNECTION_ID)).toMatchObject({ objects: [] })
})

test('the catalogue says what came, what went and what came back', async () => {
  const catalogue = createObjectCatalogueQueries(owner.pool)
  const replace = async (...names: string[]) => {
    const objects = names.map((name) => summaryFixture(name))
    const { added, removed } = await catalogue.replace(OF_DEFAULT, objects)
    return [added.map(({ name }) => name), removed.map(({ name }) => name)]
  }
  expect(await replace('A', 'B')).toEqual([['A', 'B'], []])
  expect(await replace('A', 'B')).toEqual([[], []])
  expect(await replace('B', 'C')).toEqual([['C'], ['A']])
  expect(await replace('A', 'B', 'C')).toEqual([['A'], []])
  expect(await catalogue.names(DEFAULT_CONNECTION_ID)).toHaveLength(3)
})

test('what an earlier release kept can be worked with, and is asked for again as a whole', async () => {
  const { childRelationships: _, labelPlural: __, retrieveable: ___, ...old } = objectFixture([])
  const {
    filterable: ____,
    calculatedFormula: _____,
    ...oldField
  } = fieldFixture('Tier__c', {
    type: 'picklist',
    picklistValues: [{ value: 'A', label: 'A', active: true }],
  })
  const field = { ...oldField, picklistValues: [{ value: 'A', active: true }] }
  await owner.pool.query(sql.type(row<never>())`
    insert into describe_cache (connection_id, workspace_id, object_type, describe, last_modified, expires_at)
    values (${DEFAULT_CONNECTION_ID}, 'default', 'Account',
      ${sql.jsonb({ ...old, fields: [field] })}, 'Fri, 03 Jul 2026 09:00:00 GMT', now() + interval '1 day')`)
  const found = await createDescribeCacheQueries(owner.pool).find(DEFAULT_CONNECTION_ID, 'account')
  expect(found).toMatchObject({ stale: true, outdated: true, lastModified: null })
  expect(found?.describe).toMatchObject({ labelPlural: 'Account', childRelationships: [] })
  expect(found?.describe?.fields[0]).toMatchObject({
    ...{ filterable: true, calculatedFormula: null },
    picklistValues: [{ value: 'A', label: 'A', active: true }],
  })
})
