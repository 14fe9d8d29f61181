import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import type { ApiEnv } from '../dependencies.ts'
import { openApiDocument } from '../openapi/document.ts'

const file = (name: string) => new URL(`../reference/${name}`, import.meta.url)

/** `/`, `/openapi.json` and `/docs`, whose page needs nothing from elsewhere. */
export function createReferenceRoutes() {
  const document = JSON.stringify(openApiDocument())
  const assets = [
    { path: '/docs', file: 'index.html', type: 'text/html' },
    { path: '/docs/reference.js', file: 'reference.js', type: 'text/javascript' },
    { path: '/docs/reference.css', file: 'reference.css', type: 'text/css' },
  ]
  const app = new Hono<ApiEnv>()
    .get('/', (c) =>
      c.json({
        name: 'Conveyor',
        links: {
          docs: '/docs',
          openapi: '/openapi.json',
          jobs: '/v1/bulk-jobs',
          health: '/healthz',
        },
      }),
    )
    .get('/openapi.json', (c) => c.body(document, 200, { 'Content-Type': 'application/json' }))
  for (const asset of assets) {
    app.get(asset.path, async (c) =>
      c.body(await readFile(file(asset.file), 'utf8'), 200, {
        'Content-Type': `${asset.type}; charset=utf-8`,
        'Content-Security-Policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      }),
    )
  }
  return app
}
