import type { BulkJobBody, ResultRow } from '../../contracts/http/bulk-jobs.ts'

/** The API said no, or something else answered in its place. */
export class DemoProblem extends Error {
  override readonly name = 'DemoProblem'
}

/** The few calls that the demo makes, as any HTTP client would make them. */
export function createApiClient(baseUrl: string) {
  async function call(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`${baseUrl}${path}`, init)
    if (response.ok) return response
    throw new DemoProblem(
      `${init?.method ?? 'GET'} ${path} answered ${response.status}: ${await response.text()}`,
    )
  }

  async function json<T>(path: string, init?: RequestInit): Promise<T> {
    // The API's own contract, from the same checkout.
    return (await (await call(path, init)).json()) as T
  }

  return {
    async isUp(): Promise<boolean> {
      try {
        return (await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok
      } catch {
        return false
      }
    },
    insertAccounts: (csv: string) =>
      json<BulkJobBody>('/v1/bulk-jobs?object=Account&operation=insert', {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: csv,
      }),
    job: (id: string) => json<BulkJobBody>(`/v1/bulk-jobs/${encodeURIComponent(id)}`),
    async failedRows(id: string): Promise<ResultRow[]> {
      const response = await call(
        `/v1/bulk-jobs/${encodeURIComponent(id)}/results?outcome=failed`,
        {
          headers: { accept: 'application/x-ndjson' },
        },
      )
      const lines = (await response.text()).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as ResultRow)
    },
    retry: (id: string, rows: readonly { row_number: number; record: object }[]) =>
      json<BulkJobBody>(`/v1/bulk-jobs/${encodeURIComponent(id)}/retry`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rows }),
      }),
  }
}

export type ApiClient = ReturnType<typeof createApiClient>
