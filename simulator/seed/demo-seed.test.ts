import { expect, test } from 'vitest'
import { keyPrefixOf, makeId } from '../ids.ts'
import { createSchema } from '../schema/schema.ts'
import { startSimulator } from '../start-simulator.ts'
import { createRecordClient, type Shown } from '../testing/record-client.ts'
import { createTestClient } from '../testing/test-client.ts'
import { demoSeed } from './demo-seed.ts'
import { generateRecords } from './generate-records.ts'
import { orgRecords } from './org-records.ts'
import type { SeedRecord } from './seed-record.ts'
import { DEMO_SIZE, shareOf } from './seed-size.ts'

const DAY = '2026-11-26'
const END = Date.parse(`${DAY}T00:00:00Z`)
const START = END - 730 * 86_400_000
const seed = [...demoSeed(DAY)]
const of = (object: string): SeedRecord[] => seed.filter((record) => record.object === object)
const schema = createSchema()

function objectOf(name: string) {
  const object = schema.object(name)
  if (object === null) throw new Error(`no ${name}`)
  return object
}
const idOf = ({ object, n }: SeedRecord): string => makeId(objectOf(object).keyPrefix, n)
const byId = new Map([...orgRecords(), ...seed].map((record) => [idOf(record), record]))

function rowsOf(opportunityId: string): SeedRecord[] {
  return of('OpportunityHistory')
    .filter((row) => row.fields['OpportunityId'] === opportunityId)
    .toSorted((a, b) => a.created - b.created)
}

test('the same day gives the same org, another day another one', () => {
  expect([...demoSeed(DAY)]).toEqual(seed)
  expect(JSON.stringify([...demoSeed('2026-11-25')])).not.toBe(JSON.stringify(seed))
})

test('every value is of a field, and every lookup leads to a record of the right kind', () => {
  const wrong: string[] = []
  for (const record of seed) {
    const object = objectOf(record.object)
    for (const [name, value] of Object.entries(record.fields)) {
      const field = schema.field(object, name)
      if (field?.name !== name) wrong.push(`${record.object}.${name}`)
      if (field?.restricted && !field.picklist.includes(String(value)))
        wrong.push(`${name} ${value}`)
      if (field?.type !== 'reference') continue
      const target = schema.byKeyPrefix(keyPrefixOf(String(value)))
      const fits = target !== null && field.referenceTo.includes(target.name)
      if (!fits || !byId.has(String(value))) wrong.push(`${record.object}.${name} ${value}`)
    }
  }
  expect(wrong).toEqual([])
  expect(byId.size).toBe(seed.length + orgRecords().length)
})

test('nothing happens before it could, or after the day', () => {
  const wrong: string[] = []
  for (const record of seed) {
    if (record.modified < record.created || record.modified >= END) wrong.push(idOf(record))
    if (record.created < START - 31 * 86_400_000) wrong.push(idOf(record))
    for (const lookup of ['AccountId', 'OpportunityId', 'CampaignId', 'ContactId']) {
      const parent = byId.get(String(record.fields[lookup]))
      const early = parent !== undefined && parent.created > record.created
      // A lead's member names the contact that it became later.
      if (early && record.fields['LeadId'] === undefined) wrong.push(`${idOf(record)} ${lookup}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the history of each opportunity adds up to its state', () => {
  for (const deal of of('Opportunity')) {
    const rows = rowsOf(idOf(deal))
    const last = rows.at(-1)
    expect(rows[0]?.created).toBe(deal.created)
    expect(last?.created).toBe(deal.modified)
    for (const name of ['StageName', 'Amount', 'Probability', 'CloseDate', 'ExpectedRevenue']) {
      expect(last?.fields[name]).toBe(deal.fields[name])
    }
    let pushes = 0
    rows.forEach((row, index) => {
      const before = rows[index - 1]
      expect(row.fields['PrevAmount']).toBe(before?.fields['Amount'])
      expect(row.fields['PrevCloseDate']).toBe(before?.fields['CloseDate'])
      if (before === undefined) return
      expect(row.created).toBeGreaterThan(before.created)
      const month = (one: SeedRecord) => String(one.fields['CloseDate']).slice(0, 7)
      if (month(row) > month(before)) pushes += 1
    })
    expect(deal.fields['PushCount']).toBe(pushes)
    if (deal.fields['IsClosed'] === true) {
      expect(deal.fields['CloseDate']).toBe(new Date(deal.modified).toISOString().slice(0, 10))
    }
  }
})

test('opportunities with line items are worth their sum', () => {
  const lines = Map.groupBy(of('OpportunityLineItem'), (line) => line.fields['OpportunityId'])
  expect(lines.size).toBeGreaterThan(50)
  for (const deal of of('Opportunity')) {
    const own = lines.get(idOf(deal)) ?? []
    expect(deal.fields['HasOpportunityLineItem']).toBe(own.length > 0)
    if (own.length === 0) continue
    const cents = own.reduce(
      (sum, line) => sum + Math.round(Number(line.fields['TotalPrice']) * 100),
      0,
    )
    expect(Math.round(Number(deal.fields['Amount']) * 100)).toBe(cents)
  }
})

test('converted leads became an account, a contact and mostly an opportunity of that day', () => {
  const converted = of('Lead').filter((lead) => lead.fields['IsConverted'] === true)
  expect(converted.length).toBeGreaterThan(60)
  for (const { fields } of converted) {
    const account = byId.get(String(fields['ConvertedAccountId']))
    const contact = byId.get(String(fields['ConvertedContactId']))
    expect(account?.fields['Name']).toBe(fields['Company'])
    expect(contact?.fields['Name']).toBe(fields['Name'])
    expect(new Date(account?.created ?? 0).toISOString().slice(0, 10)).toBe(fields['ConvertedDate'])
  }
})

test('is worth looking at: two full years, growth, losses, slips, stale deals, empty fields', () => {
  const deals = of('Opportunity')
  const months = new Set(deals.map((deal) => new Date(deal.created).toISOString().slice(0, 7)))
  expect(months.size).toBeGreaterThanOrEqual(24)
  const won = deals.filter((deal) => deal.fields['IsWon'] === true)
  const lost = deals.filter((deal) => deal.fields['StageName'] === 'Closed Lost')
  const rate = won.length / (won.length + lost.length)
  expect([rate > 0.2, rate < 0.4]).toEqual([true, true])
  expect(new Set(won.map((deal) => deal.fields['Fiscal'])).size).toBeGreaterThanOrEqual(7)
  const open = deals.filter((deal) => deal.fields['IsClosed'] === false)
  expect(open.length).toBeGreaterThan(30)
  expect(open.filter((deal) => String(deal.fields['CloseDate']) < DAY).length).toBeGreaterThan(5)
  expect(open.filter((deal) => deal.fields['Amount'] === undefined).length).toBeGreaterThan(2)
  expect(deals.filter((deal) => Number(deal.fields['PushCount']) >= 2).length).toBeGreaterThan(10)
  const half = (START + END) / 2
  const late = deals.filter((deal) => deal.created > half).length
  expect(late).toBeGreaterThan(deals.length / 2)
  const rateOf = (source: string): number => {
    const leads = of('Lead').filter((lead) => lead.fields['LeadSource'] === source)
    return leads.filter((lead) => lead.fields['IsConverted'] === true).length / leads.length
  }
  expect(rateOf('Partner Referral')).toBeGreaterThan(rateOf('Web'))
  expect(rateOf('Web')).toBeGreaterThan(rateOf('Purchased List'))
})

test('an org started with it keeps it by its own rules', async () => {
  const simulator = await startSimulator({ records: () => seed })
  try {
    const client = await createTestClient(simulator.url)
    const org = createRecordClient(client)
    const moving = ['LastModifiedDate', 'LastModifiedById', 'SystemModstamp']
    const stable = (shown: Shown): Shown =>
      Object.fromEntries(Object.entries(shown).filter(([name]) => !moving.includes(name)))
    // A write that changes nothing lets the rules derive everything again.
    const rewritten: [string, string][] = [
      ['Opportunity', 'Name'],
      ['OpportunityLineItem', 'Quantity'],
      ['Case', 'Subject'],
      ['Task', 'Subject'],
      ['Event', 'Subject'],
      ['CampaignMember', 'Status'],
      ['User', 'LastName'],
      ['PricebookEntry', 'UnitPrice'],
    ]
    for (const [object, field] of rewritten) {
      const all = of(object)
      const some = all.filter((_, index) => index % Math.ceil(all.length / 25) === 0)
      for (const record of some) {
        const id = idOf(record)
        const before = await org.read(object, id)
        await org.update(object, id, { [field]: before[field] })
        expect(stable(await org.read(object, id))).toEqual(stable(before))
      }
    }
    const fresh = await org.create('Case', { Subject: 'New' })
    const { CaseNumber: number } = await org.read('Case', fresh)
    expect(number).toBe(String(DEMO_SIZE.cases + 1).padStart(8, '0'))
    expect(await client.count('OpportunityHistory')).toBe(of('OpportunityHistory').length)
  } finally {
    await simulator.close()
  }
})

test('campaigns count their members and deals', () => {
  for (const campaign of of('Campaign')) {
    const id = idOf(campaign)
    const members = of('CampaignMember').filter((member) => member.fields['CampaignId'] === id)
    const deals = of('Opportunity').filter((deal) => deal.fields['CampaignId'] === id)
    const won = deals.filter((deal) => deal.fields['IsWon'] === true)
    const sum = (some: SeedRecord[]): number =>
      some.reduce((total, deal) => total + Number(deal.fields['Amount'] ?? 0), 0)
    expect(campaign.fields).toMatchObject({
      NumberOfLeads: members.filter((member) => member.fields['LeadId'] !== undefined).length,
      NumberOfResponses: members.filter((member) => member.fields['HasResponded'] === true).length,
      NumberOfOpportunities: deals.length,
      NumberOfWonOpportunities: won.length,
    })
    expect(campaign.fields['AmountAllOpportunities']).toBeCloseTo(sum(deals), 2)
    expect(campaign.fields['AmountWonOpportunities']).toBeCloseTo(sum(won), 2)
  }
})

test('a generated org has as many records as were asked for, spread unevenly', () => {
  const size = {
    ...DEMO_SIZE,
    accounts: 300,
    opportunities: 1_234,
    contacts: 77,
    leads: 5,
    tasks: 0,
  }
  const counts = new Map<string, number>()
  for (const { object } of generateRecords({ day: DAY, size })) {
    counts.set(object, (counts.get(object) ?? 0) + 1)
  }
  expect(Object.fromEntries(counts)).toMatchObject({
    Account: 300,
    Opportunity: 1_234,
    Contact: 77,
    Lead: 5,
    Case: DEMO_SIZE.cases,
  })
  expect(counts.has('Task')).toBe(false)
  const shares = Array.from({ length: 13 }, (_, parent) => shareOf(parent, 13, 1_000))
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1_000)
  expect(shares[0]).toBeGreaterThan(10 * (shares[9] ?? 0))
})
