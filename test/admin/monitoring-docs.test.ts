import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createTestDatabase, type TestDatabase } from '../setup/database.ts'
import { allMetrics } from './all-metrics.ts'
import { readExpression } from './promql.ts'

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const METRICS = allMetrics()

const alertSchema = z.strictObject({
  alert: z.string().regex(/^Conveyor[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
})
const recordSchema = z.strictObject({ record: z.string().includes(':'), expr: z.string() })
const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), rules: z.array(z.union([alertSchema, recordSchema])) }),
  ),
})
const RULES = rulesSchema
  .parse(parse(read('monitoring/alerts.yml')))
  .groups.flatMap(({ rules }) => rules)
const ALERTS = RULES.filter((rule) => 'alert' in rule)
const RECORDS = RULES.filter((rule) => 'record' in rule).map(({ record }) => record)

const panelSchema = z.object({
  title: z.string(),
  targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
})
const PANELS = z
  .object({ panels: z.array(panelSchema) })
  .parse(JSON.parse(read('monitoring/grafana-dashboard.json'))).panels

/** What is asked for and is not there: metrics that nobody serves, and labels that they do not have. */
function unknownIn(expression: string, known: readonly string[] = []): readonly string[] {
  const { metrics, grouped } = readExpression(expression)
  expect(metrics.length, expression).toBeGreaterThan(0)
  return metrics.flatMap(({ name, labels }) => {
    if (known.includes(name)) return []
    const has = METRICS.get(name)
    if (has === undefined) return [name]
    return [...labels, ...grouped]
      .filter((label) => !has.has(label))
      .map((label) => `${label} of ${name}`)
  })
}

describe('alerts', () => {
  test('are some, and each is named once', () => {
    expect(ALERTS.length).toBeGreaterThan(10)
    expect(new Set(ALERTS.map(({ alert }) => alert)).size).toBe(ALERTS.length)
  })

  test.each(RULES.map((rule) => ['alert' in rule ? rule.alert : rule.record, rule.expr] as const))(
    '%s asks for what is served',
    (_, expr) => {
      expect(unknownIn(expr, RECORDS)).toEqual([])
    },
  )

  test('lead to a part of the page that is there', () => {
    const places = [...read('troubleshooting.md').matchAll(/^## (.+)$/gm)].map(
      ([, title = '']) => `docs/troubleshooting.md#${title.toLowerCase().replaceAll(' ', '-')}`,
    )
    for (const { alert, annotations } of ALERTS)
      expect(places, alert).toContain(annotations.runbook)
  })

  test('that ask for something else would be found', () => {
    expect(unknownIn('sum(rate(http_request_total[5m]))')).toEqual(['http_request_total'])
    expect(unknownIn('http_requests_total{path="/x"}')).toEqual(['path of http_requests_total'])
    expect(unknownIn('sum by (le) (http_requests_total)')).toEqual(['le of http_requests_total'])
    expect(unknownIn('summ(http_requests_total)')).toEqual(['summ'])
    expect(() => readExpression('sum(rate(http_requests_total[5m])')).toThrow()
  })
})

describe('the dashboard', () => {
  test.each(
    PANELS.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  )('%s asks for what is served: %s', (_, expr) => {
    expect(unknownIn(expr)).toEqual([])
  })

  test('shows in its legends only labels that its queries keep', () => {
    for (const { title, targets } of PANELS) {
      for (const { expr, legendFormat } of targets) {
        const { metrics, grouped } = readExpression(expr)
        const kept = grouped.length > 0 ? grouped : [...(METRICS.get(metrics[0]?.name ?? '') ?? [])]
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          expect(kept, title).toContain(label)
        }
      }
    }
  })
})

test('every metric of ours is in the page about monitoring', () => {
  const page = read('monitoring/README.md')
  const own = [...METRICS.keys()].filter(
    (name) => /^(?:conveyor|http)_/.test(name) && !/_(?:bucket|sum|count)$/.test(name),
  )
  expect(own.length).toBeGreaterThan(15)
  expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

describe('queries of the page about troubles', () => {
  let database: TestDatabase
  let client: pg.Client
  beforeAll(async () => {
    database = await createTestDatabase()
    client = new pg.Client({ connectionString: database.databaseUrl })
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  const queries = [...read('troubleshooting.md').matchAll(/```sql\n(.+?)```/gs)].map(
    ([, text = '']) => text.trim().replace(/;$/, ''),
  )

  test('are some', () => expect(queries.length).toBeGreaterThan(15))

  test.each(queries)('%s', async (text) => {
    // One statement, as a prepared one has to be.
    await client.query(`prepare page as ${text}`)
    await client.query('execute page')
    await client.query('deallocate page')
  })
})
