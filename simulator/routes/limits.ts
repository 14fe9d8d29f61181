import type { Org } from '../http/org-context.ts'
import type { RestResource } from '../rest/resource.ts'
import { recordTable } from '../store/database.ts'

const DAY_MS = 86_400_000
/** What Salesforce counts for a record of most objects. */
const BYTES_PER_RECORD = 2_048
const BYTES_PER_MB = 1_048_576

/** What the org uses of its allowances, and how many records it holds. */
export function limitResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/limits',
      methods: { GET: () => ({ status: 200, body: limits(org) }) },
    },
    {
      pattern: '/limits/recordcount',
      methods: {
        GET: ({ query }) => {
          const names = (query.get('sObjects') ?? '').toLowerCase().split(',')
          const asked = names.map((name) => name.trim()).filter((name) => name !== '')
          const sObjects = org.schema.objects
            .filter(({ name }) => asked.length === 0 || asked.includes(name.toLowerCase()))
            .map((object) => ({ count: org.store.count(object), name: object.name }))
          // Objects without records are left out, as in a real org.
          return { status: 200, body: { sObjects: sObjects.filter(({ count }) => count > 0) } }
        },
      },
    },
  ]
}

/** Allowances of an Enterprise org that nothing in this one uses up. */
const UNUSED: Readonly<Record<string, number>> = {
  ActiveScratchOrgs: 3,
  AnalyticsExternalDataSizeMB: 40_960,
  ConcurrentAsyncGetReportInstances: 200,
  ConcurrentEinsteinDataInsightsStoryCreation: 5,
  ConcurrentEinsteinDiscoveryStoryCreation: 2,
  ConcurrentSyncReportRuns: 20,
  DailyAnalyticsDataflowJobExecutions: 60,
  DailyAnalyticsUploadedFilesSizeMB: 51_200,
  DailyAsyncApexExecutions: 250_000,
  DailyAsyncApexTests: 500,
  DailyDurableGenericStreamingApiEvents: 10_000,
  DailyDurableStreamingApiEvents: 10_000,
  DailyEinsteinDataInsightsStoryCreation: 1_000,
  DailyEinsteinDiscoveryOptimizationJobRuns: 1_000,
  DailyEinsteinDiscoveryPredictAPICalls: 50_000,
  DailyEinsteinDiscoveryPredictionsByCDC: 500_000,
  DailyEinsteinDiscoveryStoryCreation: 100,
  DailyFunctionsApiCallLimit: 235_000,
  DailyGenericStreamingApiEvents: 10_000,
  DailyScratchOrgs: 6,
  DailyStandardVolumePlatformEvents: 10_000,
  DailyStreamingApiEvents: 10_000,
  DailyWorkflowEmails: 1_000,
  DurableStreamingApiConcurrentClients: 20,
  HourlyAsyncReportRuns: 1_200,
  HourlyDashboardRefreshes: 200,
  HourlyDashboardResults: 5_000,
  HourlyDashboardStatuses: 999_999_999,
  HourlyLongTermIdMapping: 100_000,
  HourlyManagedContentPublicRequests: 50_000,
  HourlyODataCallout: 20_000,
  HourlyPublishedPlatformEvents: 50_000,
  HourlyPublishedStandardVolumePlatformEvents: 1_000,
  HourlyShortTermIdMapping: 100_000,
  HourlySyncReportRuns: 500,
  HourlyTimeBasedWorkflow: 1_000,
  MassEmail: 5_000,
  MonthlyEinsteinDiscoveryStoryCreation: 500,
  MonthlyPlatformEventsUsageEntitlement: 0,
  Package2VersionCreates: 6,
  Package2VersionCreatesWithoutValidation: 500,
  PermissionSets: 1_500,
  PrivateConnectOutboundCalloutHourlyLimitMB: 0,
  PublishCallbackUsageInApex: 5_000_000,
  SingleEmail: 5_000,
  StreamingApiConcurrentClients: 20,
}

function limits(org: Org): object {
  const { apiUsed, apiMax, bulkBatchesMax, jobClockOffsetMs } = org.settings()
  const since = Date.now() + jobClockOffsetMs - DAY_MS
  const count = (sql: string): number => Number(org.database.prepare(sql).get(since)?.['n'] ?? 0)
  const records = org.schema.objects.reduce(
    (sum, object) => sum + rowsOf(org, recordTable(object)),
    0,
  )
  const used: Record<string, { Max: number; Remaining: number }> = {
    DailyApiRequests: left(apiMax, apiUsed),
    // Counted apart from the jobs: deleting a job gives nothing back.
    DailyBulkApiBatches: left(bulkBatchesMax, org.bulkUse.lastDay().batches),
    DailyBulkV2QueryJobs: left(
      10_000,
      count(`SELECT count(*) AS n FROM job WHERE kind = 'query' AND created > ?`),
    ),
    DailyBulkV2QueryFileStorageMB: left(976_562, 0),
    DataStorageMB: left(10_240, Math.ceil((records * BYTES_PER_RECORD) / BYTES_PER_MB)),
    FileStorageMB: left(10_240, 0),
  }
  const unused = Object.entries(UNUSED).map(([name, max]) => [name, left(max, 0)] as const)
  const all = [...unused, ...Object.entries(used)]
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function left(max: number, used: number): { Max: number; Remaining: number } {
  return { Max: max, Remaining: Math.max(0, max - used) }
}

/** The highest number ever given: close enough for a size, and known without counting. */
function rowsOf(org: Org, table: string): number {
  return Number(org.database.prepare(`SELECT max(n) AS n FROM ${table}`).get()?.['n'] ?? 0)
}
