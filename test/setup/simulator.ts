import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../../dev/stack/child-process.ts'

/** A Salesforce org in a process of its own, and its admin routes. */
export interface TestOrg {
  readonly url: string
  readonly child: Child
  addFault(fault: {
    readonly match: Readonly<Record<string, unknown>>
    readonly times?: number | 'always'
    readonly probability?: number
    readonly action: Readonly<Record<string, unknown>> & { readonly type: string }
  }): Promise<void>
  clearFaults(): Promise<void>
  set(settings: Readonly<Record<string, unknown>>): Promise<void>
  expireSessions(): Promise<void>
  count(object: string): Promise<number>
  /** All records of an object, in order of creation. */
  records(object: string): Promise<Record<string, unknown>[]>
  jobs(): Promise<Record<string, unknown>[]>
  abortJob(id: string): Promise<void>
  calls(name?: string): Promise<{ name: string; status: number }[]>
  stop(): Promise<void>
}

export const TEST_CLIENT = { id: 'simulator-client', secret: 'simulator-secret' } as const

export async function startTestOrg(options: {
  readonly port: number
  readonly database: string
  readonly logFile: string
  /** What the org takes; its own defaults where absent. */
  readonly clientSecret?: string | undefined
  readonly refreshToken?: string | undefined
}): Promise<TestOrg> {
  const child = await startChild({
    name: 'simulator',
    command: process.execPath,
    args: ['simulator/main.ts'],
    env: {
      ...process.env,
      SIMULATOR_PORT: String(options.port),
      SIMULATOR_DATABASE: options.database,
      ...(options.clientSecret === undefined
        ? {}
        : { SIMULATOR_CLIENT_SECRET: options.clientSecret }),
      ...(options.refreshToken === undefined
        ? {}
        : { SIMULATOR_REFRESH_TOKEN: options.refreshToken }),
    },
    logFile: options.logFile,
    stop: [{ signal: 'SIGTERM', seconds: 10 }],
  })
  const url = `http://127.0.0.1:${options.port}`
  await until(async () => (await fetch(`${url}/services/data`)).ok, 20_000)
  const admin = `${url}/__simulator`

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${admin}${path}`, {
      method,
      redirect: 'manual',
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text.startsWith('{') ? JSON.parse(text) : null
  }

  return {
    url,
    child,
    async addFault(fault) {
      await call('POST', '/faults', fault)
    },
    async clearFaults() {
      await call('DELETE', '/faults')
    },
    async set(settings) {
      await call('PATCH', '/settings', settings)
    },
    async expireSessions() {
      await call('POST', '/sessions/expire')
    },
    async count(object) {
      // The simulator's own answer.
      return ((await call('GET', `/objects/${object}/count`)) as { count: number }).count
    },
    async records(object) {
      const all: Record<string, unknown>[] = []
      for (let after: number | null = 0; after !== null; ) {
        const page = (await call('GET', `/objects/${object}/records?after=${after}`)) as {
          records: Record<string, unknown>[]
          next: number | null
        }
        all.push(...page.records)
        after = page.next
      }
      return all
    },
    async jobs() {
      return ((await call('GET', '/jobs?limit=10000')) as { jobs: Record<string, unknown>[] }).jobs
    },
    async abortJob(id) {
      await call('POST', `/jobs/${id}/abort`)
    },
    async calls(name) {
      const query = name === undefined ? '' : `?name=${name}`
      return (
        (await call('GET', `/calls${query}`)) as { calls: { name: string; status: number }[] }
      ).calls
    },
    stop: () => child.stop(),
  }
}

/** Asks again until it is true. Refusals on the way are what waiting is for; the last one is told. */
export async function until(
  test: () => Promise<boolean>,
  ms: number,
  what = 'the condition',
): Promise<void> {
  const deadline = Date.now() + ms
  let last: unknown
  while (Date.now() < deadline) {
    try {
      if (await test()) return
      last = undefined
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  throw new Error(`${what} did not come true within ${ms} ms`, { cause: last })
}
