import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'
import { allowsDuplicates } from './allows-duplicates.ts'

let simulator: Simulator
let client: TestClient
beforeAll(async () => {
  simulator = await startSimulator()
  client = await createTestClient(simulator.url)
  await client.admin('POST', '/rules', {
    kind: 'duplicate',
    name: 'same_email',
    object: 'Contact',
    fields: ['Email'],
    action: 'alert',
  })
  await client.json('POST', '/sobjects/Contact', twin)
})
afterAll(() => simulator.close())

const twin = { LastName: 'Twin', Email: 'twin@example.com' }
const ALLOW = { 'Sforce-Duplicate-Rule-Header': 'includeRecordDetails=true; allowSave=true' }

test.each([
  ['allowSave=true', true],
  ['ALLOWSAVE = True;runAsCurrentUser=true', true],
  ['allowSave=false', false],
  ['disallowSave=true', false],
  ['allowSave=trueish', false],
  [null, false],
])('%s', (header, allowed) => {
  expect(allowsDuplicates(header)).toBe(allowed)
})

test('a record that is refused without the header is saved with it', async () => {
  const refused = await client.call('POST', '/sobjects/Contact', twin)
  expect([refused.status, await refused.json()]).toEqual([
    400,
    [
      {
        errorCode: 'DUPLICATES_DETECTED',
        message: expect.any(String),
        duplicateResut: expect.objectContaining({ allowSave: true }),
      },
    ],
  ])
  expect((await client.call('POST', '/sobjects/Contact', twin, ALLOW)).status).toBe(201)
})

test('the header counts for collections', async () => {
  const records = [{ attributes: { type: 'Contact' }, ...twin }]
  const created = async (headers: Record<string, string>) =>
    (await client.call('POST', '/composite/sobjects', { records }, headers)).json()
  expect(await created({})).toEqual([
    {
      success: false,
      errors: [{ statusCode: 'DUPLICATES_DETECTED', message: expect.any(String), fields: [] }],
    },
  ])
  expect(await created(ALLOW)).toMatchObject([{ success: true }])
})

test('the header counts for one subrequest, or for all of them', async () => {
  const part = {
    method: 'POST',
    url: '/services/data/v64.0/sobjects/Contact',
    referenceId: 'without',
    body: twin,
  }
  const compositeRequest = [part, { ...part, referenceId: 'with', httpHeaders: ALLOW }]
  const statuses = async (headers: Record<string, string>) =>
    (await client.call('POST', '/composite', { compositeRequest }, headers)).json()
  expect(await statuses({})).toMatchObject({
    compositeResponse: [{ httpStatusCode: 400 }, { httpStatusCode: 201 }],
  })
  expect(await statuses(ALLOW)).toMatchObject({
    compositeResponse: [{ httpStatusCode: 201 }, { httpStatusCode: 201 }],
  })
})
