import type { Hono } from 'hono'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { makeId } from '../ids.ts'
import { API_VERSIONS, ORG_ID } from '../org.ts'
import type { RestResource } from '../rest/resource.ts'

/** The list of versions, which needs no session. */
export function addVersionRoutes(app: Hono<OrgEnv>): void {
  app.get('/services/data', (c) =>
    c.json(
      API_VERSIONS.map((version) => ({
        label: labelOf(version),
        url: `/services/data/v${version}.0`,
        version: `${version}.0`,
      })),
    ),
  )
}

/** The resources of one version. */
export function versionResource(org: Org): RestResource {
  return {
    pattern: '/',
    methods: {
      GET: ({ version, context }) => {
        const root = `/services/data/v${version}.0`
        const user = makeId('005', context.stamp.by)
        return {
          status: 200,
          body: {
            composite: `${root}/composite`,
            // jsforce follows this one, and wants it absolute.
            identity: `${org.baseUrl()}/id/${ORG_ID}/${user}`,
            jobs: `${root}/jobs`,
            limits: `${root}/limits`,
            query: `${root}/query`,
            queryAll: `${root}/queryAll`,
            recent: `${root}/recent`,
            sobjects: `${root}/sobjects`,
            tabs: `${root}/tabs`,
            theme: `${root}/theme`,
          },
        }
      },
    },
  }
}

/** Version 30 is Spring '14; three releases a year, named after their season. */
function labelOf(version: number): string {
  const release = version - 30
  const season = ['Spring', 'Summer', 'Winter'][release % 3]
  const year = 14 + Math.floor((release + (release % 3 === 2 ? 1 : 0)) / 3)
  return `${season} '${year}`
}
