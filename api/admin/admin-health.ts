import type { AdminHealthFields } from '../../contracts/http/admin.ts'
import { createConnectionQueries } from '../../db/connections.ts'
import { createQueueAgeQueries } from '../../db/queue-ages.ts'
import type { WorkspaceDatabase } from '../../db/workspace-database.ts'
import { ROUTE_ACCESS } from '../access.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { ApiError } from '../errors.ts'
import { isDatabaseUnavailable } from '../unavailable.ts'

type DatabasePart = Pick<
  AdminHealthFields,
  'database' | 'quota' | 'queue_ages' | 'synchronisation_lag'
>

/** How it is, as far as can be told. @throws {ApiError} `service_not_initialized` before the migrations have run */
export async function adminHealth(
  deps: ApiDependencies,
  database: WorkspaceDatabase,
): Promise<AdminHealthFields> {
  const checks = await deps.readiness.check()
  if (checks.postgres === 'up' && checks.migrations !== 'current') {
    const message = 'The database lacks migrations of this release. Run npm run migrate.'
    throw new ApiError('service_not_initialized', message)
  }
  const { inUse, idle, waiting } = deps.database.poolUse()
  return {
    ...{ provider: 'salesforce_enhanced', version: '1.0', phase: 'phase1' },
    features: {
      webhooks: has('POST /webhooks/salesforce'),
      bulk_api: has('POST /api/salesforce/bulk/create-job'),
      custom_objects: has('GET /api/salesforce/custom-objects'),
      enhanced_analytics: has('GET /api/salesforce/analytics/enhanced'),
    },
    configuration: deps.settings.webhooks.secrets.length > 0 ? 'valid' : 'missing_webhook_secret',
    timestamp: new Date().toISOString(),
    temporal: checks.temporal,
    pool: { in_use: inUse, idle, waiting },
    ...(checks.postgres === 'up' ? await look(deps, database) : without('disconnected')),
  }
}

/** What a release can do is what it has routes for. */
function has(route: string): boolean {
  return ROUTE_ACCESS[route] !== undefined
}

async function look(deps: ApiDependencies, database: WorkspaceDatabase): Promise<DatabasePart> {
  try {
    const usage = await createConnectionQueries(database).listApiUsage()
    const queues = createQueueAgeQueries(database)
    const ages = await queues.ages()
    const lag = await queues.mirrorLag()
    return {
      database: 'connected',
      quota: usage.map(({ connectionId, used, limit, at }) => ({
        ...{ connection_id: connectionId, used, limit, left: Math.max(0, limit - used) },
        as_of: at.toISOString(),
      })),
      queue_ages: {
        events: ages.events,
        deliveries: ages.deliveries,
        workflow_starts: ages.workflowStarts,
        notifications: ages.notifications,
        rollups: ages.rollups,
      },
      synchronisation_lag: {
        seconds: lag,
        reason: lag === null ? 'Nothing of an org is mirrored yet.' : null,
      },
    }
  } catch (error) {
    deps.logger.warn({ err: error }, 'the state of the database could not be told')
    return without(isDatabaseUnavailable(error) ? 'disconnected' : 'error')
  }
}

function without(database: 'disconnected' | 'error'): DatabasePart {
  return {
    ...{ database, quota: null, queue_ages: null },
    synchronisation_lag: { seconds: null, reason: 'The database does not answer.' },
  }
}
