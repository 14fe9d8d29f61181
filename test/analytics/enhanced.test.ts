import { afterAll, beforeAll, expect, test } from 'vitest'
import { EnhancedAnalyticsSchema } from '../../contracts/http/analytics.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'
import { fillMirror, rollUp, setPulled, today } from './mirror-contents.ts'
import { readSeededOrg } from './seeded-org.ts'

let api: TestApi
let day: string


beforeAll(async () => {
  api = await startTestApi()
  day = await today(api.pool)
  const org = await readSeededOrg(day)

  for (const [object, shown] of org) await fillMirror(api.pool, object, shown)
  await setPulled(api.pool)
  await rollUp(api.databaseUrl)
})
afterAll(() => api.stop())

const PATH = '/api/salesforce/analytics/enhanced?user_id=ada'

async function ask(query = '') {
  const response = await fetch(api.url + PATH + query)
  expect(response.status).toBe(200)
  return EnhancedAnalyticsSchema.parse(await response.json())
}

test('every key is there', async () => {
  const answer = await ask('&cache=false&date_range=1y')
  console.log(JSON.stringify(answer.analytics, null, 1).slice(0, 9000))
  console.log(JSON.stringify(answer.figures, null, 1).slice(0, 3000))
})
