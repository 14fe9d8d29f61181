import { createSessionSource } from '../../salesforce/tokens.ts'
import type { TestConveyor } from '../setup/conveyor.ts'
import { TEST_CLIENT, until } from '../setup/simulator.ts'

type Fields = Readonly<Record<string, unknown>>

/** Changes of an org as its users would make them: 200 at a time in one transaction, so with one SystemModstamp. */
export interface OrgRecords {
  insert(object: string, count: number, fields: (n: number) => Fields): Promise<string[]>
  update(object: string, ids: readonly string[], fields: (n: number) => Fields): Promise<void>
  remove(ids: readonly string[]): Promise<void>
  undelete(id: string): Promise<void>
  hardDelete(object: string, ids: readonly string[]): Promise<void>
}

const AT_ONCE = 200

export async function createRecords({ org }: Pick<TestConveyor, 'org'>): Promise<OrgRecords> {
  const sessions = createSessionSource({
    credentials: {
      ...{ grant: 'client_credentials', loginUrl: org.url },
      ...{ clientId: TEST_CLIENT.id, clientSecret: TEST_CLIENT.secret },
    },
    fetchTimeoutMs: 10_000,
  })
  const { accessToken } = await sessions.current()

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${org.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  async function collection(method: string, path: string, body?: unknown): Promise<string[]> {
    // The simulator's own answer.
    const results = (await call(
      method,
      `/services/data/v67.0/composite/sobjects${path}`,
      body,
    )) as {
      id: string
      success: boolean
      errors: unknown
    }[]
    const failed = results.find(({ success }) => !success)
    if (failed !== undefined) throw new Error(JSON.stringify(failed.errors))
    return results.map(({ id }) => id)
  }

  return {
    async insert(object, count, fields) {
      const ids: string[] = []
      for (let from = 0; from < count; from += AT_ONCE) {
        const records = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => ({
          attributes: { type: object },
          ...fields(from + index),
        }))
        ids.push(...(await collection('POST', '', { allOrNone: true, records })))
      }
      return ids
    },
    async update(object, ids, fields) {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const records = ids.slice(from, from + AT_ONCE).map((id, index) => ({
          ...{ attributes: { type: object }, id },
          ...fields(from + index),
        }))
        await collection('PATCH', '', { allOrNone: true, records })
      }
    },
    async remove(ids) {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        await collection('DELETE', `?ids=${ids.slice(from, from + AT_ONCE).join(',')}`)
      }
    },
    async undelete(id) {
      await call('POST', `/__simulator/recycle-bin/${id}/undelete`)
    },
    async hardDelete(object, ids) {
      const root = '/services/data/v67.0/jobs/ingest'
      const spec = { object, operation: 'hardDelete', contentType: 'CSV', lineEnding: 'LF' }
      // The simulator's own answers.
      const { id } = (await call('POST', root, spec)) as { id: string }
      const sent = await fetch(`${org.url}${root}/${id}/batches`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'text/csv' },
        body: `Id\n${ids.join('\n')}\n`,
      })
      if (!sent.ok) throw new Error(await sent.text())
      await call('PATCH', `${root}/${id}`, { state: 'UploadComplete' })
      await until(
        async () =>
          ((await call('GET', `${root}/${id}`)) as { state: string }).state === 'JobComplete',
        30_000,
        'the hard delete',
      )
    },
  }
}
