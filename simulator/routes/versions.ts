import type { Hono } from 'hono'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { API_VERSIONS, ORG_ID, USER_ID } from '../org.ts'

/** The list of versions, which needs no session, and the resources of one. */
export function addVersionRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get('/services/data', (c) =>
    c.json(
      API_VERSIONS.map((version) => ({
        label: labelOf(version),
        url: `/services/data/v${version}.0`,
        version: `${version}.0`,
      })),
    ),
  )

  app.get('/services/data/:version', (c) => {
    const root = `/services/data/v${versionOf(c.req.param('version'))}.0`
    return c.json({
      // jsforce follows this one, and wants it absolute.
      identity: `${org.baseUrl()}/id/${ORG_ID}/${USER_ID}`,
      jobs: `${root}/jobs`,
      limits: `${root}/limits`,
      query: `${root}/query`,
      queryAll: `${root}/queryAll`,
      sobjects: `${root}/sobjects`,
    })
  })

  app.get('/services/data/:version/limits', (c) => {
    versionOf(c.req.param('version'))
    const { apiUsed, apiMax } = org.settings()
    const free = (max: number) => ({ Max: max, Remaining: max })
    return c.json({
      DailyApiRequests: { Max: apiMax, Remaining: Math.max(0, apiMax - apiUsed) },
      DailyBulkApiBatches: free(15_000),
      DailyBulkV2QueryJobs: free(10_000),
      DailyBulkV2QueryFileStorageMB: free(976_562),
      DataStorageMB: free(1_073),
      FileStorageMB: free(1_073),
    })
  })
}

/** Version 60 is Spring '24; three releases a year, named after their season. */
function labelOf(version: number): string {
  const release = version - 60
  // The remainder of a negative number is negative, and older versions count backwards.
  const season = ((release % 3) + 3) % 3
  const year = 24 + Math.floor((release + (season === 2 ? 1 : 0)) / 3)
  return `${['Spring', 'Summer', 'Winter'][season]} '${year}`
}
