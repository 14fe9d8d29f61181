import { Gauge, type Registry } from 'prom-client'

/** How the installation is, from its tables. */
export interface InstallationState {
  /** Seconds that the oldest has waited, by queue; null where nothing waits. */
  readonly queueAges: Readonly<Record<string, number | null>>
  /** Jobs that have not ended, by state. */
  readonly openJobs: Readonly<Record<string, number>>
  /** Of the connections that have used most of theirs. */
  readonly quotas: readonly {
    readonly connectionId: string
    readonly used: number
    readonly limit: number
  }[]
  /** Endpoints whose retries a workflow owns. */
  readonly troubledEndpoints: number
  /** Connections that a person has to look at. */
  readonly blockedConnections: number
  /** Callers with figures of today. */
  readonly activeUsers: number
  readonly dirtyBuckets: number
  /** Seconds; null where nothing is mirrored. */
  readonly mirrorLagSeconds: number | null
}

/** However often it is scraped, and by however many, the tables are asked no more often than this. */
const FRESH_MS = 10_000
/** A scrape waits no longer for the tables, and goes without. */
const PATIENCE_MS = 3_000

/**
 * Gauges from the tables, for one process of an installation: those of a second one would show the same. What cannot
 * be read is left out, and `conveyor_database_up` is 0: an old value would look like a true one.
 */
export function observeInstallation(
  registry: Registry,
  read: () => Promise<InstallationState>,
  onError: (error: unknown) => void,
): void {
  const look = createLook(read, onError)
  const registers = [registry]
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    show: (gauge: Gauge<string>, state: InstallationState) => void,
  ) =>
    new Gauge({
      ...{ name, help, labelNames: [...labelNames], registers },
      async collect() {
        const state = await look()
        this.reset()
        // Without labels a reset leaves a zero, which would be a lie.
        if (labelNames.length === 0) this.remove()
        if (state !== null) show(this, state)
      },
    })

  gauge(
    'conveyor_queue_age_seconds',
    'Time that the oldest entry of a queue has waited; 0 where none waits.',
    ['queue'],
    (of, { queueAges }) => {
      for (const [queue, age] of Object.entries(queueAges)) of.set({ queue }, Math.max(0, age ?? 0))
    },
  )
  gauge(
    'conveyor_open_jobs',
    'Bulk jobs that have not ended, by state.',
    ['state'],
    (of, { openJobs }) => {
      for (const [state, jobs] of Object.entries(openJobs)) of.set({ state }, jobs)
    },
  )
  gauge(
    'conveyor_salesforce_api_calls_used',
    'API calls that an org used in 24 hours, as it said last.',
    ['connection'],
    (of, { quotas }) => {
      for (const { connectionId, used } of quotas) of.set({ connection: connectionId }, used)
    },
  )
  gauge(
    'conveyor_salesforce_api_calls_limit',
    'API calls that an org may make in 24 hours.',
    ['connection'],
    (of, { quotas }) => {
      for (const { connectionId, limit } of quotas) of.set({ connection: connectionId }, limit)
    },
  )
  gauge('conveyor_troubled_endpoints', 'Endpoints that keep failing.', [], (of, state) =>
    of.set(state.troubledEndpoints),
  )
  gauge(
    'conveyor_blocked_connections',
    'Connections that a person has to look at.',
    [],
    (of, state) => of.set(state.blockedConnections),
  )
  gauge(
    'conveyor_active_users',
    'Callers by name with figures of today, over all workspaces.',
    [],
    (of, state) => of.set(state.activeUsers),
  )
  gauge('conveyor_rollup_dirty_buckets', 'Buckets that are to be added up.', [], (of, state) =>
    of.set(state.dirtyBuckets),
  )
  gauge(
    'conveyor_mirror_lag_seconds',
    'How far the mirror of an org is behind, of the one furthest behind; absent where nothing is mirrored.',
    [],
    (of, { mirrorLagSeconds }) => {
      if (mirrorLagSeconds !== null) of.set(mirrorLagSeconds)
    },
  )
  new Gauge({
    name: 'conveyor_database_up',
    help: 'Whether the tables could be read at the last look.',
    registers,
    async collect() {
      this.set((await look()) === null ? 0 : 1)
    },
  })
}

/** One look for all gauges of a scrape, and for scrapes that follow soon. */
function createLook(
  read: () => Promise<InstallationState>,
  onError: (error: unknown) => void,
): () => Promise<InstallationState | null> {
  let last: { readonly at: number; readonly state: Promise<InstallationState | null> } | null = null
  let reading: Promise<InstallationState | null> | null = null

  /** One at a time: a database that is slow is not asked more and more. */
  function start(): Promise<InstallationState | null> {
    reading ??= read()
      .catch((error: unknown) => {
        onError(error)
        return null
      })
      .finally(() => {
        reading = null
      })
    return reading
  }

  return () => {
    if (last === null || performance.now() - last.at > FRESH_MS) {
      last = { at: performance.now(), state: within(start()) }
    }
    return last.state
  }
}

async function within<T>(work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
