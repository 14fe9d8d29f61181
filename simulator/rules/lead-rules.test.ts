import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
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

const LEAD = {
  FirstName: 'Ada',
  LastName: 'Byron',
  Company: 'Engines',
  Email: 'ada@engines.example',
  LeadSource: 'Web',
  City: 'London',
  Industry: 'Machinery',
}
const convertedSchema = z.object({
  accountId: z.string(),
  contactId: z.string(),
  opportunityId: z.string().nullable(),
})

async function convert(id: string, options: object = {}) {
  return convertedSchema.parse(await client.admin('POST', `/leads/${id}/convert`, options))
}

describe('conversion of leads', () => {
  test('makes account, contact and opportunity, and happens once', async () => {
    const campaign = await org.create('Campaign', { Name: 'Fair' })
    const id = await org.create('Lead', LEAD)
    await org.create('CampaignMember', { CampaignId: campaign, LeadId: id, Status: 'Responded' })
    const task = await org.create('Task', { WhoId: id, Subject: 'Call' })
    const made = await convert(id, { opportunityName: 'First deal' })
    expect(await org.read('Account', made.accountId)).toMatchObject({
      Name: 'Engines',
      BillingCity: 'London',
      AccountSource: 'Web',
    })
    expect(await org.read('Contact', made.contactId)).toMatchObject({
      Name: 'Ada Byron',
      AccountId: made.accountId,
      MailingCity: 'London',
    })
    expect(await org.read('Opportunity', String(made.opportunityId))).toMatchObject({
      Name: 'First deal',
      StageName: 'Prospecting',
      AccountId: made.accountId,
      CampaignId: campaign,
    })
    expect(await org.read('Lead', id)).toMatchObject({
      IsConverted: true,
      Status: 'Closed - Converted',
      ConvertedDate: new Date().toISOString().slice(0, 10),
      ConvertedAccountId: made.accountId,
      ConvertedContactId: made.contactId,
      ConvertedOpportunityId: made.opportunityId,
    })
    expect(await org.read('Task', task)).toMatchObject({
      WhoId: made.contactId,
      WhatId: made.opportunityId,
      AccountId: made.accountId,
    })
    expect(await org.read('Campaign', campaign)).toMatchObject({
      NumberOfLeads: 1,
      NumberOfConvertedLeads: 1,
      NumberOfResponses: 1,
      NumberOfOpportunities: 1,
    })
    await expect(convert(id)).rejects.toThrow('CANNOT_UPDATE_CONVERTED_LEAD')
    expect(await org.refusal('PATCH', `Lead/${id}`, { Title: 'Dr' })).toBe(
      'CANNOT_UPDATE_CONVERTED_LEAD',
    )
  })

  test('fills only what is empty in an existing account, and can leave the opportunity out', async () => {
    const account = await org.create('Account', { Name: 'Engines Ltd', Industry: 'Energy' })
    const made = await convert(await org.create('Lead', LEAD), {
      accountId: account.slice(0, 15),
      doNotCreateOpportunity: true,
    })
    expect(made).toMatchObject({ accountId: account, opportunityId: null })
    expect(await org.read('Account', account)).toMatchObject({
      Name: 'Engines Ltd',
      Industry: 'Energy',
      BillingCity: 'London',
    })
    expect(await client.count('Opportunity')).toBe(0)
  })

  test('a refusal leaves nothing behind', async () => {
    await client.admin('POST', '/rules', {
      kind: 'validation',
      name: 'no_contacts',
      object: 'Contact',
      conditions: [{ field: 'LastName', is: 'equals', value: 'Byron' }],
      message: 'No Byrons',
    })
    const id = await org.create('Lead', LEAD)
    await expect(convert(id)).rejects.toThrow('FIELD_CUSTOM_VALIDATION_EXCEPTION')
    expect(await client.count('Account')).toBe(0)
    expect(await org.read('Lead', id)).toMatchObject({ IsConverted: false })
    await expect(convert(id, { convertedStatus: 'Open - Not Contacted' })).rejects.toThrow(
      'INVALID_STATUS',
    )
  })
  test('is made by a user and nobody else', async () => {
    const id = await org.create('Lead', LEAD)
    await expect(convert(id, { userId: id })).rejects.toThrow('no such user')
    const user = { LastName: 'Rep', Email: 'rep@x.example', Username: 'rep@x.example' }
    const userId = await org.create('User', user)
    const { accountId } = await convert(id, { userId })
    expect(await org.read('Account', accountId)).toMatchObject({ CreatedById: userId })
  })
})
