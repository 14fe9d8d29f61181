import {
  address,
  flag,
  integer,
  listOf,
  oneOf,
  origins,
  pattern,
  seconds,
  text,
} from '../value-types.ts'
import { variable } from '../variable.ts'

/** Roles of the task queues that a worker can serve. */
export const WORKER_QUEUES = ['conveyor', 'salesforce', 'pump'] as const
export type WorkerQueue = (typeof WORKER_QUEUES)[number]

/** Levels as pino names them, and as deployments of the earlier service write them. */
const LOG_LEVELS = [
  'trace',
  'debug',
  'info',
  'warn',
  'warning',
  'error',
  'fatal',
  'critical',
  'silent',
] as const

/** The processes themselves: what they listen on, which Temporal they use, what they log. */
export const serviceVariables = {
  NODE_ENV: variable(oneOf('production', ['production', 'development', 'test']), {
    meaning: 'Kind of installation. Switches for development are refused in production.',
    default: 'production',
    example: 'development',
  }),
  HOST: variable(pattern('127.0.0.1', /^[A-Za-z0-9.:_-]+$/, 'a host name or an address'), {
    meaning:
      'Address that the API listens on. Any but a loopback address needs SALESFORCE_WEBHOOK_SECRET and SALESFORCE_TOKEN_ENCRYPTION_KEY.',
    default: '127.0.0.1',
    example: '0.0.0.0',
  }),
  CONVEYOR_REQUIRE_KEYS: variable(flag(null), {
    meaning:
      'Whether callers of the API must show an API key. May be turned off only on a loopback address without CONVEYOR_TRUSTED_PROXIES.',
    default: 'false on a loopback address without proxies, otherwise true',
    example: 'true',
  }),
  CONVEYOR_TRUSTED_PROXIES: variable(integer(0, 0, 10), {
    meaning:
      'Proxies in front of the API, each of which adds the address that it sees to X-Forwarded-For. With a wrong number callers choose their own address. With any, keys and secrets are needed as on an address that is not loopback.',
    default: '0: addresses are those of the connections',
    example: '1',
  }),
  CONVEYOR_CORS_ORIGINS: variable(origins([]), {
    meaning:
      'Origins whose pages may use the API from a browser, with credentials, separated by commas.',
    default: 'none: pages of other origins are not let in',
    example: 'https://console.example.com,https://admin.example.com',
  }),
  CONVEYOR_REQUIRE_HTTPS: variable(flag(null), {
    meaning:
      'Whether requests that reached the outermost trusted proxy without TLS are redirected or refused (by X-Forwarded-Proto), and browsers told to stay with HTTPS. Needs CONVEYOR_TRUSTED_PROXIES.',
    default: 'true with CONVEYOR_TRUSTED_PROXIES, otherwise false',
    example: 'false',
  }),
  CONVEYOR_DRAIN_DELAY: variable(seconds(0, 0, 300), {
    meaning:
      'How long the API goes on taking requests after a stop signal while /readyz says that it drains: the time that a load balancer needs to notice.',
    unit: 'seconds',
    default: '0',
    example: '10',
  }),
  CONVEYOR_ALLOW_PRIVATE_ADDRESSES: variable(flag(false), {
    meaning:
      'Whether callback URLs may lead to this machine and to private networks, in clear and at any port. Taken only where NODE_ENV is test or development.',
    default: 'false: public addresses over HTTPS only',
    example: 'true',
  }),
  PORT: variable(integer(5058, 0, 65_535), {
    meaning: 'Port that the API listens on; 0 takes any free one.',
    default: '5058',
    example: '8080',
  }),
  SALESFORCE_METRICS_PORT: variable(integer(null, 1, 65_534), {
    meaning:
      'Port of the API’s metrics for Prometheus; a worker takes the next one. Of the two workers of `npm start` the one for transfers takes the one after that.',
    default: 'none: no metrics are served',
    example: '9464',
  }),
  CONVEYOR_METRICS_HOST: variable(
    pattern('127.0.0.1', /^[A-Za-z0-9.:_-]+$/, 'a host name or an address'),
    {
      meaning:
        'Address that metrics are served on. Nobody is asked for a key there: name another only where a network keeps others out.',
      default: '127.0.0.1',
      example: '10.0.0.5',
    },
  ),
  SALESFORCE_RATE_LIMIT_REQUESTS: variable(integer(600, 1, 1_000_000), {
    meaning: 'Requests that one caller may make in a window, over all processes together.',
    default: '600',
    example: '1200',
  }),
  SALESFORCE_RATE_LIMIT_WINDOW: variable(seconds(60_000, 1, 86_400), {
    meaning: 'Length of that window.',
    unit: 'seconds',
    default: '60',
    example: '60',
  }),
  CONVEYOR_UNKNOWN_KEY_LIMIT: variable(integer(20, 1, 1_000_000), {
    meaning:
      'API keys and sessions that do not hold which one address may show in a minute; with more, only those that held before are looked at there until the minute ends.',
    default: '20',
    example: '100',
  }),
  TEMPORAL_ADDRESS: variable(
    pattern('127.0.0.1:7233', /^(\[[0-9a-f:]+\]|[^\s:/]+):\d{1,5}$/i, 'host:port'),
    {
      meaning: 'Frontend of the Temporal server. `npm start` runs its own where this is not set.',
      default: '127.0.0.1:7233',
      example: 'temporal.example.com:7233',
    },
  ),
  TEMPORAL_NAMESPACE: variable(text('default'), {
    meaning: 'Namespace of the workflows; each installation has one of its own.',
    default: 'default',
    example: 'conveyor',
  }),
  TEMPORAL_API_KEY: variable(text(null), {
    meaning: 'API key of Temporal Cloud, or of a server that takes such keys. Turns TLS on.',
    default: 'none',
    example: 'temporal-api-key',
    secret: true,
  }),
  TEMPORAL_TLS: variable(flag(null), {
    meaning: 'Whether the connection to Temporal is encrypted.',
    default: 'true with TEMPORAL_API_KEY, otherwise false',
    example: 'true',
  }),
  CONVEYOR_TAKE_OVER_NAMESPACE: variable(flag(false), {
    meaning:
      'Makes the namespace this installation’s own at start where it carries the mark of another. Only where that one is gone for good, and for one start: its workflows there are left alone and go on no more.',
    default: 'false: a namespace of another installation is refused',
    example: 'true',
  }),
  CONVEYOR_TEMPORAL_UI_URL: variable(address(null, ['https:', 'http:']), {
    meaning: 'Address of the Temporal UI, for links to the workflow of a job.',
    default: 'none: answers carry no link',
    example: 'http://127.0.0.1:8233',
  }),
  WORKER_QUEUES: variable(listOf(WORKER_QUEUES, WORKER_QUEUES), {
    meaning:
      'Queues that a worker serves: conveyor (workflows, short work), salesforce (transfers), pump (webhook events and deliveries).',
    default: 'conveyor,salesforce,pump',
    example: 'salesforce',
  }),
  SALESFORCE_LOG_LEVEL: variable(oneOf(null, LOG_LEVELS), {
    meaning: `Least important level that is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info; debug with SALESFORCE_DEBUG',
    example: 'debug',
  }),
  SALESFORCE_DEBUG: variable(flag(false), {
    meaning: 'Logs at level debug where SALESFORCE_LOG_LEVEL is not set.',
    default: 'false',
    example: 'true',
  }),
  SALESFORCE_ENABLE_REQUEST_LOGGING: variable(flag(false), {
    meaning: 'Logs each request to the API; secrets and personal data are left out.',
    default: 'false',
    example: 'true',
  }),
  SALESFORCE_ENABLE_RESPONSE_LOGGING: variable(flag(false), {
    meaning: 'Logs each answer of the API; secrets and personal data are left out.',
    default: 'false',
    example: 'true',
  }),
  CONVEYOR_FAILPOINT: variable(text(null), {
    meaning:
      'Places where a crash test stops the worker. Taken only where NODE_ENV is test or development.',
    default: 'none',
    example: 'load.uploaded',
  }),
} as const
