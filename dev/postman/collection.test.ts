import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../api/openapi/document.ts'
import { BulkJobTargetSchema, CreateBulkJobSchema } from '../../contracts/http/bulk-jobs.ts'
import { LegacyCreateBodySchema } from '../../contracts/http/legacy-bulk-jobs.ts'
import { postmanCollection } from './collection.ts'

const document = openApiDocument()
const collection = postmanCollection(document, 'http://localhost:5058')
const requests = collection.item.flatMap((folder) => folder.item)

function rawBodyOf(request: (typeof requests)[number]['request']): string {
  return request.body?.mode === 'raw' ? request.body.raw : ''
}

function requestNamed(name: string) {
  const found = requests.find((each) => each.name === name)
  if (found === undefined) throw new Error(`No request is named ${name}.`)
  return found
}

test('it holds every operation of the document', () => {
  const told = new Set(
    requests.map(({ request }) => `${request.method} /${request.url.path.join('/')}`),
  )
  const described = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map(
      (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    ),
  )
  expect([...told].toSorted()).toEqual(described.toSorted())
})

test('folders are the tags, and no request is in two', () => {
  const folders = collection.item.map((folder) => folder.name)
  expect(folders).toEqual(expect.arrayContaining(['Bulk jobs', 'Connections', 'Service']))
  expect(new Set(folders).size).toBe(folders.length)
  expect(new Set(requests.map((each) => each.name)).size).toBe(requests.length)
})

test('every path variable of a request is filled from a variable of the collection', () => {
  const known = new Set(collection.variable.map((variable) => `{{${variable.key}}}`))
  const used = requests.flatMap(({ request }) => request.url.variable.map((field) => field.value))
  expect(used.length).toBeGreaterThan(5)
  for (const value of used) expect(known).toContain(value)
})

describe('bodies that the API reads as they stand', () => {
  test('JSON', () => {
    const { request } = requestNamed('Create a job (application/json)')
    expect(CreateBulkJobSchema.safeParse(JSON.parse(rawBodyOf(request))).error).toBeUndefined()
    expect(request.url.query).toEqual([])
  })

  test('CSV, whose object stands in the query', () => {
    const { request } = requestNamed('Create a job (text/csv)')
    const given = request.url.query.filter((field) => field.disabled !== true)
    const target = Object.fromEntries(given.map((field) => [field.key, field.value]))
    expect(BulkJobTargetSchema.parse(target)).toEqual({ object: 'Account', operation: 'insert' })
    expect(rawBodyOf(request)).toMatch(/^Name,/)
    expect(request.header).toContainEqual({ key: 'Content-Type', value: 'text/csv' })
  })

  test('the legacy form, made of its schema', () => {
    const { request } = requestNamed('Create a job of at most 10,000 records')
    const body = JSON.parse(rawBodyOf(request))
    expect(LegacyCreateBodySchema.safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({ operation: 'insert', object_type: 'Account' })
  })

  test('a form', () => {
    const { request } = requestNamed('Where the page of the callback sends its form')
    expect(request.body).toEqual({
      mode: 'urlencoded',
      urlencoded: [{ key: 'token', value: '<token>' }],
    })
  })
})

test('what makes a job keeps its id for the other requests', () => {
  const keepers = requests.filter((each) => each.event !== undefined).map((each) => each.name)
  expect(keepers).toContain('Create a job (text/csv)')
  expect(keepers).toContain('Create a job of at most 10,000 records')
  expect(keepers).not.toContain('Get a job')
})

test('results can be asked for in each form', () => {
  const accepted = requests
    .filter(({ request: { url } }) => url.path.at(-1) === 'results' && url.path[1] === 'bulk-jobs')
    .flatMap(({ request }) => request.header)
    .filter((field) => field.key === 'Accept')
  expect(accepted.map((field) => field.value)).toEqual(['text/csv', 'application/x-ndjson'])
})
