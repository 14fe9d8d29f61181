import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createRecordClient, type RecordClient } from '../testing/record-client.ts'
import { createTestClient, type TestClient } from '../testing/test-client.ts'

let simulator: Simulator
let client: TestClient
let org: RecordClient
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())
beforeEach(async () => {
  await fetch(`${simulator.url}/__simulator/reset`, { method: 'POST' })
  client = await createTestClient(simulator.url)
  org = createRecordClient(client)
})

test('cases are numbered, closed and reopened, and belong to the account of their contact', async () => {
  const account = await org.create('Account', { Name: 'A' })
  const contact = await org.create('Contact', { LastName: 'C', AccountId: account })
  const first = await org.create('Case', { Subject: 'One', ContactId: contact })
  const second = await org.create('Case', { Subject: 'Two', Status: 'Closed' })
  expect(await org.read('Case', first)).toMatchObject({
    CaseNumber: '00000001',
    Status: 'New',
    Priority: 'Medium',
    IsClosed: false,
    ClosedDate: null,
    AccountId: account,
  })
  expect(await org.read('Case', second)).toMatchObject({
    CaseNumber: '00000002',
    IsClosed: true,
    ClosedDate: expect.stringMatching(/^\d{4}-/),
  })
  await org.update('Case', second, { Status: 'Working' })
  expect(await org.read('Case', second)).toMatchObject({ IsClosed: false, ClosedDate: null })
  expect(await org.refusal('POST', 'Case', { CaseNumber: '7' })).toBe(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
  )
})

describe('tasks and events', () => {
  test('show when something last happened', async () => {
    const account = await org.create('Account', { Name: 'A' })
    const contact = await org.create('Contact', { LastName: 'C', AccountId: account })
    const before = await org.read('Account', account)
    const task = await org.create('Task', { WhoId: contact, ActivityDate: '2026-03-04' })
    expect(await org.read('Task', task)).toMatchObject({
      AccountId: account,
      IsClosed: false,
      Status: 'Not Started',
    })
    expect(await org.read('Account', account)).toMatchObject({ LastActivityDate: null })
    await org.update('Task', task, { Status: 'Completed' })
    const after = await org.read('Account', account)
    expect(after).toMatchObject({ LastActivityDate: '2026-03-04' })
    expect(after['SystemModstamp']).toBe(before['SystemModstamp'])
    const event = await org.create('Event', {
      WhatId: account,
      StartDateTime: '2026-04-01T10:00:00Z',
      DurationInMinutes: 30,
    })
    expect(await org.read('Account', account)).toMatchObject({ LastActivityDate: '2026-04-01' })
    await org.remove('Event', event)
    expect(await org.read('Account', account)).toMatchObject({ LastActivityDate: '2026-03-04' })
    expect(await org.read('Contact', contact)).toMatchObject({ LastActivityDate: '2026-03-04' })
  })

  test('an event needs a begin and a length, and the two agree', async () => {
    const start = '2026-04-01T23:30:00.000Z'
    const id = await org.create('Event', {
      ActivityDateTime: start,
      EndDateTime: '2026-04-02T00:15:00Z',
    })
    expect(await org.read('Event', id)).toMatchObject({
      DurationInMinutes: 45,
      StartDateTime: '2026-04-01T23:30:00.000+0000',
      ActivityDate: '2026-04-01',
      EndDate: '2026-04-02',
    })
    await org.update('Event', id, { DurationInMinutes: 10 })
    expect(await org.read('Event', id)).toMatchObject({
      EndDateTime: '2026-04-01T23:40:00.000+0000',
    })
    const day = await org.create('Event', { IsAllDayEvent: true, ActivityDate: '2026-05-05' })
    expect(await org.read('Event', day)).toMatchObject({ DurationInMinutes: 1_440 })
    const refused: [object, string][] = [
      [{ StartDateTime: start }, 'REQUIRED_FIELD_MISSING'],
      [{ DurationInMinutes: 5 }, 'REQUIRED_FIELD_MISSING'],
      [{ StartDateTime: start, EndDateTime: '2026-04-01T00:00:00Z' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ]
    for (const [values, code] of refused) {
      expect(await org.refusal('POST', 'Event', values)).toBe(code)
    }
  })

  test('are about people and things of the right kind', async () => {
    const lead = await org.create('Lead', { LastName: 'L', Company: 'C' })
    const account = await org.create('Account', { Name: 'A' })
    const both = { WhoId: lead, WhatId: account }
    expect(await org.refusal('POST', 'Task', both)).toBe('FIELD_INTEGRITY_EXCEPTION')
    expect(await org.refusal('POST', 'Task', { WhoId: account })).toBe('MALFORMED_ID')
  })
})

describe('campaign members', () => {
  test('are somebody, once a campaign, and count', async () => {
    const campaign = await org.create('Campaign', { Name: 'Fair' })
    const contact = await org.create('Contact', { FirstName: 'A', LastName: 'B', Title: 'Boss' })
    const member = { CampaignId: campaign, ContactId: contact }
    const id = await org.create('CampaignMember', member)
    expect(await org.read('CampaignMember', id)).toMatchObject({
      Name: 'A B',
      Title: 'Boss',
      Status: 'Sent',
      HasResponded: false,
      Type: 'Contact',
      LeadOrContactId: contact,
    })
    expect(await org.refusal('POST', 'CampaignMember', member)).toBe('DUPLICATE_VALUE')
    expect(await org.refusal('POST', 'CampaignMember', { CampaignId: campaign })).toBe(
      'REQUIRED_FIELD_MISSING',
    )
    await org.update('CampaignMember', id, { Status: 'Responded' })
    expect(await org.read('Campaign', campaign)).toMatchObject({
      NumberOfContacts: 1,
      NumberOfLeads: 0,
      NumberOfResponses: 1,
    })
    await org.remove('CampaignMember', id)
    expect(await org.read('Campaign', campaign)).toMatchObject({
      NumberOfContacts: 0,
      NumberOfResponses: 0,
    })
  })
})

test('users have a username of their own, in the form of an address', async () => {
  const user = { LastName: 'Lovelace', FirstName: 'Ada', Email: 'ada@x.example' }
  const id = await org.create('User', { ...user, Username: 'ada@x.example' })
  expect(await org.read('User', id)).toMatchObject({
    Name: 'Ada Lovelace',
    Alias: 'alove',
    CommunityNickname: 'ada',
    IsActive: true,
    UserType: 'Standard',
  })
  const again = { ...user, Username: 'ADA@x.example' }
  expect(await org.refusal('POST', 'User', again)).toBe('DUPLICATE_USERNAME')
  expect(await org.refusal('POST', 'User', { ...user, Username: 'ada' })).toBe(
    'INVALID_EMAIL_ADDRESS',
  )
  expect(await org.refusal('DELETE', `User/${id}`)).toBe('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY')
})

test('users live in a time zone that there is', async () => {
  const user = { LastName: 'Lovelace', Email: 'zone@x.example', Username: 'zone@x.example' }
  for (const TimeZoneSidKey of ['Nowhere/Town', '../etc/passwd']) {
    expect(await org.refusal('POST', 'User', { ...user, TimeZoneSidKey })).toBe(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    )
  }
  const id = await org.create('User', { ...user, TimeZoneSidKey: 'Asia/Kolkata' })
  expect(await org.refusal('PATCH', `User/${id}`, { TimeZoneSidKey: 'Mars' })).toBe(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  )
  await org.update('User', id, { TimeZoneSidKey: null })
})

test('records go to nobody who works no more, and stay with those who left', async () => {
  const id = await org.create('User', {
    LastName: 'Gone',
    Email: 'gone@x.example',
    Username: 'gone@x.example',
  })
  const account = await org.create('Account', { Name: 'A', OwnerId: id })
  await org.update('User', id, { IsActive: false })
  expect(await org.refusal('POST', 'Account', { Name: 'B', OwnerId: id })).toBe(
    'INACTIVE_OWNER_OR_USER',
  )
  await org.update('Account', account, { Name: 'C', OwnerId: id })
})

test('an org knows itself, its stages and the statuses of its leads', async () => {
  const [organization] = await org.query(
    'SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix FROM Organization',
  )
  expect(organization).toMatchObject({ IsSandbox: false, NamespacePrefix: null })
  // An access token begins with the id of its org.
  expect(String(organization?.['Id']).slice(0, 15)).toBe(client.token.slice(0, 15))
  const stages = await org.query(
    'SELECT MasterLabel, DefaultProbability FROM OpportunityStage ORDER BY SortOrder',
  )
  expect(stages).toHaveLength(10)
  expect(stages[9]).toMatchObject({ MasterLabel: 'Closed Lost', DefaultProbability: 0 })
  const statuses = await org.query('SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true')
  expect(statuses).toMatchObject([{ MasterLabel: 'Closed - Converted' }])
})
