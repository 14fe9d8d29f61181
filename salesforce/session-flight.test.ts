import { expect, test } from 'vitest'
import { createSessionFlight } from './session-flight.ts'
import type { SalesforceSession } from './token-answer.ts'

const sessionOf = (accessToken: string): SalesforceSession => ({
  accessToken,
  instanceUrl: 'https://example.my.salesforce.com',
  organizationId: '00D5e000001ABCdEAM',
  scope: 'api',
})
const STALE = sessionOf('stale')

test('a renewal that meets a flight which took the stale session asks for another one', async () => {
  const asked: (string | null)[] = []
  let isAway = false
  const sessions = createSessionFlight(async (stale) => {
    asked.push(stale?.accessToken ?? null)
    if (isAway) throw new Error('the database is away')
    // As the shared row: nobody noted there that the session was refused.
    return stale === null ? STALE : sessionOf('next')
  })
  expect(await sessions.current()).toEqual(STALE)
  isAway = true
  await expect(sessions.renew(STALE)).rejects.toThrow(/away/)
  isAway = false
  const [anyOne, ...renewed] = await Promise.all([
    sessions.current(),
    ...Array.from({ length: 3 }, () => sessions.renew(STALE)),
  ])
  expect(anyOne).toEqual(STALE)
  expect(renewed.map((session) => session.accessToken)).toEqual(['next', 'next', 'next'])
  // One call more, for all three.
  expect(asked).toEqual([null, 'stale', null, 'stale'])
  expect((await sessions.current()).accessToken).toBe('next')
})
