import { expect } from 'vitest'
import { z } from 'zod'
import { errorSchema, type TestClient } from '../../testing/test-client.ts'
import type { Expectation, SoqlCase } from './expectation.ts'
import type { Fixture } from './fixture.ts'

const ROOT = '/services/data/v67.0'

const pageSchema = z.looseObject({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
  records: z.array(z.looseObject({ attributes: z.looseObject({ type: z.string() }) })),
})

export interface Answer {
  readonly totalSize: number
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

/** Asks a query and follows its pages. */
export async function ask(client: TestClient, soql: string, all = false): Promise<Answer> {
  const resource = all ? 'queryAll' : 'query'
  let response = await client.call('GET', `${ROOT}/${resource}?q=${encodeURIComponent(soql)}`)
  const records: Readonly<Record<string, unknown>>[] = []
  for (;;) {
    const body: unknown = await response.json()
    if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`)
    const page = pageSchema.parse(body)
    records.push(...page.records)
    if (page.done) return { totalSize: page.totalSize, records }
    response = await client.call('GET', page.nextRecordsUrl ?? '')
  }
}

async function refusal(client: TestClient, soql: string) {
  const response = await client.call('GET', `${ROOT}/query?q=${encodeURIComponent(soql)}`)
  const body: unknown = await response.json()
  expect(response.status, JSON.stringify(body).slice(0, 300)).toBe(400)
  return errorSchema.parse(body)[0]
}

/** Keys in the order of the alphabet, so that equal records have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

const byText = (records: readonly unknown[]): string[] => records.map(canonical).sort()

/** Asks the case's query and holds the answer to what is expected. */
export async function hold(client: TestClient, data: Fixture, test: SoqlCase): Promise<void> {
  const soql = typeof test.soql === 'string' ? test.soql : test.soql(data)
  const expected: Expectation = test.expected(data)
  switch (expected.kind) {
    case 'refused': {
      const error = await refusal(client, soql)
      const { code } = expected
      if (typeof code === 'string') expect(error?.errorCode, error?.message).toBe(code)
      else expect(error?.errorCode, error?.message).toMatch(code)
      expect(error?.message).toMatch(expected.message)
      if (expected.accepted !== null) await ask(client, expected.accepted)
      return
    }
    case 'count': {
      expect(expected.count === 0).toBe(test.empty ?? false)
      const answer = await ask(client, soql, test.all)
      expect(answer.totalSize).toBe(expected.count)
      return
    }
    case 'records': {
      expect(expected.records.length === 0).toBe(test.empty ?? false)
      const answer = await ask(client, soql, test.all)
      if (expected.ordered) expect(answer.records).toEqual(expected.records)
      else expect(byText(answer.records)).toEqual(byText(expected.records))
      expect(answer.totalSize).toBe(expected.records.length)
      return
    }
  }
}
