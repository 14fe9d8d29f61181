import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrg } from '../create-org.ts'
import { createApp } from '../http/app.ts'
import type { Org } from '../http/org-context.ts'
import { ADMIN } from '../org.ts'

/** An org without a server, for tests that need to reach into it. */
export interface TestOrg {
  readonly org: Org
  /** A call of the administrator, at version 64.0 unless the path names another. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  close(): Promise<void>
}

export async function createTestOrg(): Promise<TestOrg> {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-test-'))
  const fail = (error: unknown): never => {
    throw error
  }
  const org = createOrg({
    database: { path: join(folder, 'org.sqlite'), durable: false },
    folder: mkdtempSync(join(folder, 'files-')),
    clientId: 'client',
    clientSecret: 'secret',
    refreshToken: 'refresh',
    baseUrl: () => 'http://org.example',
    onError: fail,
    records: () => [],
  })
  const app = createApp(org, fail)
  const token = await org.write(() =>
    org.sessions.open({ userNumber: ADMIN, clientId: 'client', approval: null, scopes: ['api'] }),
  )
  return {
    org,
    async call(method, path, body, more = {}) {
      const url = path.startsWith('/services') ? path : `/services/data/v64.0${path}`
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...more,
      }
      return app.request(url, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      })
    },
    async close() {
      await org.bulk.stop()
      org.database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
