import { beforeEach, describe, expect, test } from 'vitest'
import { usePushFixture } from '../testing/push-fixture.ts'
import { OK } from '../testing/push-receiver.ts'
import { isSigned } from '../testing/webhook-signature.ts'

const SECRET = 's3cret & more'
const fixture = usePushFixture({})
beforeEach(() => fixture.receiver.answer(OK))

const subscribe = (webhook: object = {}): Promise<number> =>
  fixture.subscribe('/webhooks', {
    url: `${fixture.receiver.url}/webhooks/salesforce`,
    secret: SECRET,
    ...webhook,
  })

describe('the signature', () => {
  const fields = ['Name', 'Description', 'AnnualRevenue']
  const values = { Name: 'Zoë "Ω" 𝒳', Description: 'a/b\n\u007F', AnnualRevenue: 1500 }

  test('of the raw body, in base64', async () => {
    await subscribe({ fields })
    await fixture.create('Account', values)
    await fixture.flush()
    const [push] = fixture.receiver.received
    expect(isSigned(push, SECRET, push?.body ?? '', 'base64')).toBe(true)
    const age = Date.now() / 1_000 - Number(push?.headers['x-salesforce-timestamp'])
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(60)
  })

  test('of the sorted compact form, in hex', async () => {
    await subscribe({ fields, form: 'sorted', encoding: 'hex' })
    const id = await fixture.create('Account', values)
    await fixture.flush()
    const [push] = fixture.receiver.received
    const { userId, eventDate } = JSON.parse(push?.body ?? '')
    const form = `{"changeType":"CREATE","changedFields":[],"eventDate":"${eventDate}","event_type":"Account.created","ids":["${id}"],"object":"Account","organizationId":"00DfK0000000001UAA","records":[{"AnnualRevenue":1500,"Description":"a/b\\n\u007F","Id":"${id}","Name":"Zoë \\"Ω\\" 𝒳"}],"userId":"${userId}"}`
    expect(isSigned(push, SECRET, form, 'hex')).toBe(true)
    expect(push?.body).not.toBe(form)
  })

  test('of the form that Python makes', async () => {
    await subscribe({ fields, form: 'python' })
    const id = await fixture.create('Account', values)
    await fixture.flush()
    const [push] = fixture.receiver.received
    const { userId, eventDate } = JSON.parse(push?.body ?? '')
    // As printed by json.dumps(body, sort_keys=True).
    const form = `{"changeType": "CREATE", "changedFields": [], "eventDate": "${eventDate}", "event_type": "Account.created", "ids": ["${id}"], "object": "Account", "organizationId": "00DfK0000000001UAA", "records": [{"AnnualRevenue": 1500, "Description": "a/b\\n\\u007f", "Id": "${id}", "Name": "Zo\\u00eb \\"\\u03a9\\" \\ud835\\udcb3"}], "userId": "${userId}"}`
    expect(isSigned(push, SECRET, form, 'base64')).toBe(true)
  })
})
