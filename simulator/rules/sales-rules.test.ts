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
  await client.admin('PATCH', '/settings', { bulkStartDelayMs: 0 })
  org = createRecordClient(client)
})

const DEAL = { Name: 'Deal', StageName: 'Qualification', CloseDate: '2026-05-20', Amount: 1_000.5 }
const history = (id: string) =>
  org.query(
    `SELECT StageName, Amount, Probability, CloseDate, ExpectedRevenue, ForecastCategory, PrevAmount, PrevCloseDate, CreatedById FROM OpportunityHistory WHERE OpportunityId = '${id}' ORDER BY Id`,
  )

describe('opportunities', () => {
  test('take probability, forecast and fiscal period from stage and date', async () => {
    const id = await org.create('Opportunity', DEAL)
    expect(await org.read('Opportunity', id)).toMatchObject({
      Probability: 10,
      ExpectedRevenue: 100.05,
      ForecastCategory: 'Pipeline',
      ForecastCategoryName: 'Pipeline',
      IsClosed: false,
      IsWon: false,
      FiscalYear: 2026,
      FiscalQuarter: 2,
      Fiscal: '2026 2',
      HasOpportunityLineItem: false,
      PushCount: 0,
      LastStageChangeDate: null,
    })
    await org.update('Opportunity', id, { StageName: 'Closed Won' })
    expect(await org.read('Opportunity', id)).toMatchObject({
      Probability: 100,
      ExpectedRevenue: 1_000.5,
      ForecastCategory: 'Closed',
      IsClosed: true,
      IsWon: true,
      LastStageChangeDate: expect.stringMatching(/^\d{4}-/),
    })
    await org.update('Opportunity', id, { StageName: 'Closed Lost' })
    expect(await org.read('Opportunity', id)).toMatchObject({
      Probability: 0,
      ExpectedRevenue: 0,
      ForecastCategory: 'Omitted',
      IsClosed: true,
      IsWon: false,
    })
  })

  test('keep a probability and a forecast category that a caller sets', async () => {
    const id = await org.create('Opportunity', {
      ...DEAL,
      Probability: 45,
      ForecastCategoryName: 'Best Case',
    })
    await org.update('Opportunity', id, { Amount: 200 })
    expect(await org.read('Opportunity', id)).toMatchObject({
      Probability: 45,
      ExpectedRevenue: 90,
      ForecastCategory: 'BestCase',
    })
    await org.update('Opportunity', id, { StageName: 'Needs Analysis', Probability: 33 })
    expect(await org.read('Opportunity', id)).toMatchObject({
      Probability: 33,
      ForecastCategory: 'Pipeline',
    })
  })

  test('write a row of history for each change of stage, amount, probability or close date', async () => {
    const id = await org.create('Opportunity', DEAL)
    await org.update('Opportunity', id, { NextStep: 'Call' })
    await org.update('Opportunity', id, { Amount: 2_000 })
    await org.update('Opportunity', id, { CloseDate: '2026-07-01' })
    await org.update('Opportunity', id, { CloseDate: '2026-07-30' })
    await org.update('Opportunity', id, { StageName: 'Closed Won' })
    const rows = await history(id)
    expect(rows).toMatchObject([
      { StageName: 'Qualification', Amount: 1_000.5, Probability: 10, PrevAmount: null },
      { Amount: 2_000, PrevAmount: 1_000.5, PrevCloseDate: '2026-05-20', ExpectedRevenue: 200 },
      { CloseDate: '2026-07-01', PrevCloseDate: '2026-05-20' },
      { CloseDate: '2026-07-30', PrevCloseDate: '2026-07-01' },
      { StageName: 'Closed Won', Probability: 100, ForecastCategory: 'Closed' },
    ])
    const deal = await org.read('Opportunity', id)
    expect(deal['PushCount']).toBe(1)
    const amountRow = await org.read(
      'OpportunityHistory',
      String(deal['LastAmountChangedHistoryId']),
    )
    expect(amountRow['Amount']).toBe(2_000)
    const dateRow = await org.read(
      'OpportunityHistory',
      String(deal['LastCloseDateChangedHistoryId']),
    )
    expect(dateRow['CloseDate']).toBe('2026-07-30')
  })

  test('refuse what only the org writes', async () => {
    const id = await org.create('Opportunity', DEAL)
    const refused = 'INVALID_FIELD_FOR_INSERT_UPDATE'
    for (const field of [{ IsWon: true }, { ExpectedRevenue: 5 }, { ForecastCategory: 'Closed' }]) {
      expect(await org.refusal('PATCH', `Opportunity/${id}`, field)).toBe(refused)
    }
    const [row] = await org.query('SELECT Id FROM OpportunityHistory')
    const path = `OpportunityHistory/${String(row?.['Id'])}`
    expect(await org.refusal('POST', 'OpportunityHistory', {})).toBe(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    )
    expect(await org.refusal('DELETE', path)).toBe('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY')
  })

  test('obey the same rules in bulk', async () => {
    const info = await client.run(
      { object: 'Opportunity', operation: 'insert' },
      'Name,StageName,CloseDate,Amount\nA,Prospecting,2026-01-31,100\nB,Closed Won,2025-12-31,50\n',
    )
    expect(info.numberRecordsFailed).toBe(0)
    const rows = await org.query(
      'SELECT Name, Probability, IsWon, Fiscal FROM Opportunity ORDER BY Name',
    )
    expect(rows).toMatchObject([
      { Probability: 10, IsWon: false, Fiscal: '2026 1' },
      { Probability: 100, IsWon: true, Fiscal: '2025 4' },
    ])
    expect(await client.count('OpportunityHistory')).toBe(2)
  })
})

describe('products and prices', () => {
  async function priced(): Promise<{ product: string; entry: string }> {
    const product = await org.create('Product2', {
      Name: 'Engine',
      ProductCode: 'E1',
      IsActive: true,
    })
    const [book] = await org.query('SELECT Id FROM Pricebook2 WHERE IsStandard = true')
    const values = {
      Pricebook2Id: book?.['Id'],
      Product2Id: product,
      UnitPrice: 40,
      IsActive: true,
    }
    return { product, entry: await org.create('PricebookEntry', values) }
  }

  test('a line whose total has too many digits is refused', async () => {
    const { entry } = await priced()
    const deal = await org.create('Opportunity', DEAL)
    const line = { OpportunityId: deal, PricebookEntryId: entry, UnitPrice: 1e12 }
    expect(await org.refusal('POST', 'OpportunityLineItem', { ...line, Quantity: 10_000 })).toBe(
      'NUMBER_OUTSIDE_VALID_RANGE',
    )
    await org.create('OpportunityLineItem', { ...line, Quantity: 9_999 })
  })

  test('an opportunity is worth the sum of its lines', async () => {
    const { entry, product } = await priced()
    const deal = await org.create('Opportunity', DEAL)
    const first = await org.create('OpportunityLineItem', {
      OpportunityId: deal,
      PricebookEntryId: entry,
      Quantity: 3,
      UnitPrice: 33.335,
    })
    expect(await org.read('OpportunityLineItem', first)).toMatchObject({
      Name: 'Deal Engine',
      ProductCode: 'E1',
      ListPrice: 40,
      UnitPrice: 33.34,
      TotalPrice: 100.02,
    })
    await org.create('OpportunityLineItem', {
      OpportunityId: deal,
      Product2Id: product,
      Quantity: 2,
      TotalPrice: 50,
    })
    expect(await org.read('Opportunity', deal)).toMatchObject({
      HasOpportunityLineItem: true,
      Amount: 150.02,
      TotalOpportunityQuantity: 5,
      ExpectedRevenue: 15,
    })
    // The amount of a deal with lines is passed over in silence, the rest is written.
    await org.update('Opportunity', deal, { Amount: 9, NextStep: 'Sign' })
    expect(await org.read('Opportunity', deal)).toMatchObject({ Amount: 150.02, NextStep: 'Sign' })
    await org.remove('OpportunityLineItem', first)
    expect(await org.read('Opportunity', deal)).toMatchObject({ Amount: 50 })
    expect((await history(deal)).map((row) => row['Amount'])).toEqual([1_000.5, 100.02, 150.02, 50])
  })

  test('a product has a standard price before others, and one a book', async () => {
    const book = await org.create('Pricebook2', { Name: 'Partners', IsActive: true })
    const bare = await org.create('Product2', { Name: 'Bare' })
    const wanted = { Pricebook2Id: book, Product2Id: bare, UnitPrice: 1 }
    expect(await org.refusal('POST', 'PricebookEntry', wanted)).toBe('STANDARD_PRICE_NOT_DEFINED')
    const { product } = await priced()
    const own = { Pricebook2Id: book, Product2Id: product, UnitPrice: 35 }
    const entry = await org.create('PricebookEntry', own)
    expect(await org.refusal('POST', 'PricebookEntry', own)).toBe('DUPLICATE_VALUE')
    expect(await org.read('PricebookEntry', entry)).toMatchObject({ Name: 'Engine', UnitPrice: 35 })
    const deal = await org.create('Opportunity', { ...DEAL, Pricebook2Id: book })
    const [standard] = await org.query(
      `SELECT Id FROM PricebookEntry WHERE Product2Id = '${product}' AND Pricebook2Id != '${book}'`,
    )
    const line = {
      OpportunityId: deal,
      PricebookEntryId: standard?.['Id'],
      Quantity: 1,
      UnitPrice: 1,
    }
    expect(await org.refusal('POST', 'OpportunityLineItem', line)).toBe('FIELD_INTEGRITY_EXCEPTION')
  })
})
