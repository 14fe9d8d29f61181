import { describe, expect, test } from 'vitest'
import { usePushFixture } from '../testing/push-fixture.ts'
import { parseXml } from './xml-document.ts'

const fixture = usePushFixture({
  outboundWindowMs: 0,
  outboundRetryFirstMs: 10,
  outboundShuffle: false,
})

const subscribe = (message: object): Promise<number> =>
  fixture.subscribe('/outbound-messages', {
    name: 'Changes',
    endpointUrl: `${fixture.receiver.url}/hook`,
    ...message,
  })

const notificationIds = (body: string): string[] =>
  [...body.matchAll(/<Id>(04l\w{15})<\/Id>/g)].map(([, id = '']) => id)
const recordIds = (body: string): string[] =>
  [...body.matchAll(/<sf:Id>(\w{18})<\/sf:Id>/g)].map(([, id = '']) => id)

describe('the message', () => {
  test('is the envelope of the WSDL, with typed values in order and none for empty fields', async () => {
    await subscribe({
      object: 'account',
      fields: ['Name', 'AnnualRevenue', 'Id', 'NumberOfEmployees', 'Description', 'CreatedDate'],
    })
    const id = await fixture.create('Account', {
      Name: 'Ä & <B> "C" \u0001',
      AnnualRevenue: 12_500_000,
      NumberOfEmployees: 12,
    })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(1)
    const [push] = fixture.receiver.received
    expect(push?.path).toBe('/hook')
    expect(push?.headers).toMatchObject({
      'content-type': 'text/xml; charset=UTF-8',
      soapaction: '""',
    })
    const body = push?.body ?? ''
    const [notification = ''] = notificationIds(body)
    const created = /<sf:CreatedDate>(.*)<\/sf:CreatedDate>/.exec(body)?.[1] ?? ''
    expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    const action = /<ActionId>(04k\w{15})<\/ActionId>/.exec(body)?.[1]
    expect(body).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00DfK0000000001UAA</OrganizationId>
   <ActionId>${action}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>${fixture.simulator.url}/services/Soap/c/67.0/00DfK0000000001</EnterpriseUrl>
   <PartnerUrl>${fixture.simulator.url}/services/Soap/u/67.0/00DfK0000000001</PartnerUrl>
   <Notification>
    <Id>${notification}</Id>
    <sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${id}</sf:Id>
     <sf:AnnualRevenue>1.25E7</sf:AnnualRevenue>
     <sf:CreatedDate>${created}</sf:CreatedDate>
     <sf:Name>Ä &amp; &lt;B&gt; &quot;C&quot; \uFFFD</sf:Name>
     <sf:NumberOfEmployees>12</sf:NumberOfEmployees>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`)
  })

  test('carries a session that works, where it is asked for', async () => {
    await subscribe({ object: 'Account', includeSessionId: true })
    await fixture.create('Account', { Name: 'A' })
    await fixture.flush()
    const token =
      /<SessionId>(.+)<\/SessionId>/.exec(fixture.receiver.received[0]?.body ?? '')?.[1] ?? ''
    expect(token).not.toBe(fixture.client.token)
    const answer = await fetch(`${fixture.simulator.url}/services/data/v64.0/limits`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(200)
  })

  test('fires for a record whose first change was rolled back in the same transaction', async () => {
    await subscribe({ object: 'Account', fields: ['Name'] })
    const existing = await fixture.create('Account', { Name: 'Old' })
    await fixture.flush()
    fixture.receiver.received.length = 0
    const account = { attributes: { type: 'Account' } }
    const root = '/services/data/v64.0'
    const refused = (id: string, method: string, record: object) => ({
      method,
      url: `${root}/composite/sobjects`,
      referenceId: id,
      body: { allOrNone: true, records: [record, account] },
    })
    const answer = await fixture.client.call('POST', '/composite', {
      compositeRequest: [
        refused('a', 'POST', { ...account, Name: 'Undone' }),
        {
          method: 'POST',
          url: `${root}/sobjects/Account`,
          referenceId: 'b',
          body: { Name: 'New' },
        },
        refused('c', 'PATCH', { ...account, id: existing, Name: 'Undone' }),
        {
          method: 'PATCH',
          url: `${root}/sobjects/Account/${existing}`,
          referenceId: 'd',
          body: { Name: 'Newer' },
        },
      ],
    })
    expect(answer.status).toBe(200)
    await fixture.flush()
    const sent = fixture.receiver.received.map((push) => push.body).join()
    expect(sent.match(/<sf:Name>.*?<.sf:Name>/g)).toEqual([
      '<sf:Name>New</sf:Name>',
      '<sf:Name>Newer</sf:Name>',
    ])
  })

  test('is sent for the events and the object that were asked for, and only while active', async () => {
    const n = await subscribe({ object: 'Account', events: ['updated'] })
    const id = await fixture.create('Account', { Name: 'A' })
    await fixture.create('Contact', { LastName: 'C' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(0)
    await fixture.client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'B' })
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(1)
    await fixture.client.admin('PATCH', `/outbound-messages/${n}`, { active: false })
    await fixture.client.json('PATCH', `/sobjects/Account/${id}`, { Name: 'C' })
    await fixture.client.admin('PATCH', `/outbound-messages/${n}`, { active: true })
    await fixture.client.json('DELETE', `/sobjects/Account/${id}`)
    await fixture.flush()
    expect(fixture.receiver.received).toHaveLength(1)
  })

  test('keeps to the WSDL that Setup offers', async () => {
    const n = await subscribe({ object: 'Account', fields: ['Name', 'ParentId', 'Active__c'] })
    const answer = await fetch(`${fixture.simulator.url}/__simulator/outbound-messages/${n}/wsdl`)
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=UTF-8')
    const [, sobject] = parseXml(await answer.text()).children[0]?.children ?? []
    const type = sobject?.children.find(
      (child) => child.name === 'complexType' && child.children[0]?.name === 'complexContent',
    )
    expect(type?.children[0]?.children[0]?.children[0]?.children).toHaveLength(3)
  })

  test('what the schema does not have is refused', async () => {
    await expect(subscribe({ object: 'Nothing' })).rejects.toThrow('400')
    await expect(subscribe({ object: 'Account', fields: ['Nothing'] })).rejects.toThrow('400')
    await expect(subscribe({ object: 'Account', endpointUrl: 'ftp://a' })).rejects.toThrow('400')
  })
})

describe('bulk jobs', () => {
  test('rows of the other thread arrive too, at most 100 in a message, each once', async () => {
    await subscribe({ object: 'Account', fields: ['Name'] })
    const csv = `Name\n${Array.from({ length: 250 }, (_, index) => `Row ${index}`).join('\n')}\n`
    const info = await fixture.client.run({ object: 'Account', operation: 'insert' }, csv)
    expect(await fixture.client.results(info.id, 'successfulResults')).toHaveLength(250)
    await fixture.flush()
    const sizes = fixture.receiver.received.map(({ body }) => notificationIds(body).length)
    expect(Math.max(...sizes)).toBe(100)
    const ids = fixture.receiver.received.flatMap(({ body }) => recordIds(body))
    expect(ids).toHaveLength(250)
    const saved = await fixture.client.results(info.id, 'successfulResults')
    expect(new Set(ids)).toEqual(new Set(saved.map((row) => row['sf__Id'])))
    expect(
      new Set(fixture.receiver.received.flatMap(({ body }) => notificationIds(body))).size,
    ).toBe(250)
  })

  test('a window gathers changes of several calls in one message', async () => {
    await fixture.client.admin('PATCH', '/settings', { outboundWindowMs: 300 })
    await subscribe({ object: 'Account' })
    for (const name of ['A', 'B', 'C']) await fixture.create('Account', { Name: name })
    await fixture.flush()
    expect(fixture.receiver.received.map(({ body }) => recordIds(body).length)).toEqual([3])
  })
})
