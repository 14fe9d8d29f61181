import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../start-simulator.ts'
import { createRecordClient } from '../testing/record-client.ts'
import { createTestClient } from '../testing/test-client.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

test('a record comes back with its children, once', async () => {
  const client = await createTestClient(simulator.url)
  const org = createRecordClient(client)
  const account = await org.create('Account', { Name: 'A' })
  const contact = await org.create('Contact', { LastName: 'C', AccountId: account })
  await org.remove('Account', account)
  expect(await client.count('Contact')).toBe(0)
  const path = `/recycle-bin/${account.slice(0, 15)}/undelete`
  expect(await client.admin('POST', path)).toEqual({ id: account, success: true, errors: [] })
  expect(await org.read('Contact', contact)).toMatchObject({ AccountId: account })
  await expect(client.admin('POST', path)).rejects.toThrow('UNDELETE_FAILED')
  await expect(client.admin('POST', '/recycle-bin/xyz/undelete')).rejects.toThrow('404')
})
