import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeAccountCsv } from '../bulk/account-rows.ts'
import { watchOthers } from '../machine-load.ts'
import { watchProcesses } from '../process-watch.ts'
import { createOrgClient } from './org-client.ts'
import { startOrgProcess } from './org-process.ts'

/** One upstream job takes 150 MB after base64, 112.5 MB of rows: the larger size is what fits. */
const SIZES = [100_000, 600_000] as const
const PAGED_SOQL = 'SELECT Id, Name, AnnualRevenue FROM Account'
const RESULT_ROWS_A_PAGE = 50_000

interface Measurement {
  readonly what: string
  readonly rows: number
  readonly ms: number
  readonly peakMb: string
  readonly others: string
}

/** Measures the simulated org by itself, so that benchmarks on it are known not to measure it. */
export async function runSimulatorBenchmark(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-bench-'))
  const measured: Measurement[] = []
  try {
    for (const rows of SIZES) measured.push(...(await measureOrg(folder, rows)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  process.stdout.write(`\n${render(measured)}\n`)
  return 0
}

/** An org of its own for each size, so that no size finds what another left. */
async function measureOrg(folder: string, rows: number): Promise<Measurement[]> {
  const csv = join(folder, `${rows}.csv`)
  await writeAccountCsv(csv, rows, true)
  const org = await startOrgProcess(join(folder, `${rows}.sqlite`))
  try {
    const client = await createOrgClient(org.url)
    const measure = async (what: string, work: () => Promise<number>): Promise<Measurement> => {
      const watch = watchProcesses({ org: org.pid })
      const others = watchOthers()
      const began = performance.now()
      const done = await work()
      const ms = performance.now() - began
      const peak = watch.stop()['org']?.peakRssBytes ?? null
      const share = others()
      if (done !== rows) throw new Error(`${what}: ${done} rows of ${rows}.`)
      process.stdout.write(
        `${what}, ${rows.toLocaleString('en')} rows: ${(ms / 1000).toFixed(2)} s\n`,
      )
      return {
        what,
        rows,
        ms,
        peakMb: peak === null ? 'unknown' : String(Math.round(peak / 1e6)),
        others: share === null ? 'unknown' : `${Math.round(share * 100)} %`,
      }
    }
    const upload = await measure('upload and insert job', async () =>
      client.waitForJob('ingest', await client.upload('Account', csv)),
    )
    const paging = await measure('REST query, all pages', () => client.readPages(PAGED_SOQL))
    let query = ''
    const bulkQuery = await measure('query job', async () => {
      query = await client.createQuery(PAGED_SOQL)
      return client.waitForJob('query', query)
    })
    const results = await measure('results of the query job', () =>
      client.readResults(query, RESULT_ROWS_A_PAGE),
    )
    return [upload, paging, bulkQuery, results]
  } finally {
    await org.stop()
  }
}

function render(measured: readonly Measurement[]): string {
  const lines = measured.map(({ what, rows, ms, peakMb, others }) =>
    [
      '',
      what,
      rows.toLocaleString('en'),
      (ms / 1000).toFixed(2),
      Math.round(rows / (ms / 1000)).toLocaleString('en'),
      peakMb,
      others,
      '',
    ]
      .join(' | ')
      .trim(),
  )
  return [
    '| what | rows | s | rows/s | peak MB | others’ CPU |',
    '| --- | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n')
}
