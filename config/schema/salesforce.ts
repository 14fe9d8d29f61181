import { address, flag, integer, pattern, seconds, text } from '../value-types.ts'
import { variable } from '../variable.ts'

/** The org that the first connection reaches, and how its API is called. */
export const salesforceVariables = {
  SALESFORCE_CLIENT_ID: variable(text(null), {
    meaning:
      'Consumer key of the External Client App (or Connected App) that Conveyor signs in with. Not needed with the simulator.',
    default: 'none: `npm start` then runs its own simulated org',
    example: '3MVG9exampleConsumerKey',
  }),
  SALESFORCE_CLIENT_SECRET: variable(text(null), {
    meaning:
      'Consumer secret of that app. Without SALESFORCE_REFRESH_TOKEN and SALESFORCE_REDIRECT_URI the client credentials flow is used, which needs a My Domain host in SALESFORCE_LOGIN_URL.',
    default: 'none',
    example: 'consumer-secret',
    secret: true,
  }),
  SALESFORCE_REFRESH_TOKEN: variable(text(null), {
    meaning: 'Refresh token for the first connection, so that it needs no browser.',
    default: 'none',
    example: 'refresh-token',
    secret: true,
  }),
  SALESFORCE_REDIRECT_URI: variable(address(null, ['https:', 'http:']), {
    meaning:
      'Callback address of the OAuth web-server flow, as entered in the app. Where it is set, client id and secret are taken to belong to that flow.',
    default:
      'none; connections are authorised over http://localhost:PORT/api/auth/salesforce/callback where HOST is a loopback address',
    example: 'https://conveyor.example.com/api/auth/salesforce/callback',
  }),
  SALESFORCE_ENVIRONMENT: variable(text('production'), {
    meaning:
      'production (login.salesforce.com), sandbox (test.salesforce.com), or a login address. SALESFORCE_LOGIN_URL goes before it.',
    default: 'production',
    example: 'sandbox',
  }),
  SALESFORCE_LOGIN_URL: variable(address(null, ['https:', 'http:']), {
    meaning:
      'Login address of the org, normally its My Domain. Must be https on a Salesforce domain.',
    default: 'by SALESFORCE_ENVIRONMENT',
    example: 'https://example.my.salesforce.com',
  }),
  CONVEYOR_ALLOW_ANY_LOGIN_HOST: variable(flag(false), {
    meaning:
      'Lets the login address be any host, over http too: for simulators and tests only, as secrets are sent there. Refused where NODE_ENV is production.',
    default: 'false',
    example: 'true',
  }),
  SALESFORCE_API_VERSION: variable(
    pattern('67.0', /^v?(4[1-9]|[5-9]\d|1\d\d)(\.0)?$/, 'an API version from 41.0 on').transform(
      (version) => `${version.replace(/^v|\.0$/g, '')}.0`,
    ),
    {
      meaning: 'Version of Salesforce’s API; 41.0 or newer, the first with Bulk API 2.0.',
      default: '67.0',
      example: '67.0',
    },
  ),
  SALESFORCE_API_TIMEOUT: variable(seconds(30_000, 1, 600), {
    meaning: 'Time that one call to Salesforce may be silent before it is given up.',
    unit: 'seconds',
    default: '30',
    example: '60',
  }),
  SALESFORCE_MAX_RETRIES: variable(integer(3, 0, 20), {
    meaning:
      'How often rows that failed with a transient error (lock, timeout, server) go again, alone, in a new load.',
    default: '3',
    example: '5',
  }),
  SALESFORCE_RETRY_DELAY: variable(seconds(5_000, 0, 3_600), {
    meaning: 'Delay before the first of these retries; doubles with each.',
    unit: 'seconds',
    default: '5',
    example: '10',
  }),
} as const
