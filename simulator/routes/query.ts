import type { Hono } from 'hono'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { createQueryAnswers, type QueryCall } from './answer-query.ts'

/** SOQL by REST: `query`, `queryAll`, and their further pages. */
export function addQueryRoutes(app: Hono<OrgEnv>, org: Org): void {
  const answers = createQueryAnswers(org)

  function callOf(c: OrgContext, withDeleted: boolean): QueryCall {
    return {
      version: versionOf(c.req.param('version') ?? ''),
      user: c.var.userNumber,
      withDeleted,
      options: c.req.header('sforce-query-options') ?? null,
    }
  }

  for (const route of ['query', 'queryall'] as const) {
    const withDeleted = route === 'queryall'
    app.get(`/services/data/:version/${route}`, (c) => {
      const call = callOf(c, withDeleted)
      const explained = c.req.query('explain')
      if (explained !== undefined) return c.json(answers.explain(call, explained))
      const columns = c.req.query('columns') === 'true'
      return c.json(answers.query(call, c.req.query('q') ?? null, columns))
    })
    app.get(`/services/data/:version/${route}/:locator`, (c) =>
      c.json(answers.more(callOf(c, withDeleted), c.req.param('locator'))),
    )
  }
}
