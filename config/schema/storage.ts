import { address, bytes, flag, integer, pattern, seconds, text, texts } from '../value-types.ts'
import { variable } from '../variable.ts'

/** Postgres, what is kept there and for how long. */
export const storageVariables = {
  DATABASE_URL: variable(address(null, ['postgresql:', 'postgres:']), {
    meaning: 'Address of the Postgres database, with user and password. Instead of the DB_ names.',
    default: 'none; `npm start` runs its own Postgres',
    example: 'postgresql://conveyor:password@127.0.0.1:5432/conveyor',
    secret: true,
  }),
  DB_HOST: variable(text(null), {
    meaning: 'Host of the Postgres database. Needs DB_NAME and DB_USER.',
    default: 'none',
    example: '127.0.0.1',
  }),
  DB_PORT: variable(integer(null, 1, 65_535), {
    meaning: 'Port of the Postgres database.',
    default: '5432 where DB_HOST is set',
    example: '5432',
  }),
  DB_NAME: variable(text(null), {
    meaning: 'Name of the Postgres database.',
    default: 'none',
    example: 'conveyor',
  }),
  DB_USER: variable(text(null), {
    meaning: 'User of the Postgres database.',
    default: 'none',
    example: 'conveyor',
  }),
  DB_PASSWORD: variable(text(null), {
    meaning: 'Password of that user.',
    default: 'none',
    example: 'password',
    secret: true,
  }),
  SALESFORCE_TOKEN_ENCRYPTION_KEY: variable(texts(null, 32), {
    meaning:
      'Key that tokens, secrets and staged rows are sealed with (AES-256-GCM): any text of at least 32 characters without a comma. A 32-byte key is derived from the text as it stands, so hex and base64 are not decoded: keep the exact text. Several, separated by commas, with the newest first: it seals, the others open what they sealed. Needed where HOST is not a loopback address, and behind proxies.',
    default: 'none: nothing is sealed',
    example: 'output-of-openssl-rand-base64-32-or-longer',
    secret: true,
  }),
  SALESFORCE_RETENTION_DAYS: variable(integer(90, 3, 3_650), {
    meaning: 'How long rows, results and idempotency keys of terminal jobs are kept.',
    unit: 'days',
    default: '90',
    example: '30',
  }),
  SALESFORCE_CACHE_TTL: variable(seconds(null, 1, 30 * 86_400), {
    meaning: 'How long cached metadata and analytics are good for.',
    unit: 'seconds',
    default: '86400 for metadata, 3600 for analytics',
    example: '7200',
  }),
  CONVEYOR_METADATA_REFRESH: variable(flag(true), {
    meaning:
      'Whether objects and fields of each org are looked at again and again, as often as SALESFORCE_CACHE_TTL says and at most every five minutes, so that changes are noticed. Costs an API call for each custom object, and for each other one in use.',
    default: 'true',
    example: 'false',
  }),
  CONVEYOR_STAGING_QUOTA: variable(bytes(10 * 2 ** 30, 1_000_000, 2 ** 50), {
    meaning: 'Staged rows that one workspace may hold at once, as stored (compressed).',
    unit: 'bytes',
    default: '10GiB',
    example: '50GiB',
  }),
  CONVEYOR_QUERY_QUOTA: variable(bytes(10 * 2 ** 30, 1_000_000, 2 ** 50), {
    meaning:
      'Results of durable queries that one workspace may keep at once, as stored (compressed).',
    unit: 'bytes',
    default: '10GiB',
    example: '50GiB',
  }),
  CONVEYOR_DISK_RESERVE: variable(bytes(2 ** 30, 0, 2 ** 50), {
    meaning: 'Free disk space below which no new rows are accepted.',
    unit: 'bytes',
    default: '1GiB',
    example: '5GiB',
  }),
  CONVEYOR_STATE_DIR: variable(pattern('.conveyor', /^[^\0]+$/, 'a path'), {
    meaning:
      'Folder for what the local stack keeps: its database, Temporal’s file, made-up secrets.',
    default: '.conveyor',
    example: '/var/lib/conveyor',
  }),
} as const
