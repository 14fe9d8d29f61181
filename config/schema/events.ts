import { address, bytes, decimals, flag, networks, seconds, text } from '../value-types.ts'
import { variable } from '../variable.ts'

/** Webhooks that Salesforce sends and notices that we send. */
export const eventVariables = {
  SALESFORCE_WEBHOOK_SECRET: variable(text(null, 16), {
    meaning:
      'Secret that Salesforce signs its webhooks with (HMAC-SHA256); at least 16 characters. Needed where HOST is not a loopback address, and behind proxies.',
    default: 'none: webhooks are refused',
    example: 'output-of-openssl-rand-hex-32',
    secret: true,
  }),
  CONVEYOR_WEBHOOK_SECRET_PREVIOUS: variable(text(null, 16), {
    meaning:
      'The secret before SALESFORCE_WEBHOOK_SECRET. What it signed is taken too, as long as it is set: change the secret here first, then in Salesforce, then take this one away.',
    default: 'none',
    example: 'the-secret-before',
    secret: true,
  }),
  CONVEYOR_WEBHOOK_MAX_BYTES: variable(bytes(1_000_000, 10_000, 20_000_000), {
    meaning:
      'Longest body of a webhook or an outbound message. Outbound messages with long text fields need more.',
    unit: 'bytes',
    default: '1MB',
    example: '5MB',
  }),
  CONVEYOR_WEBHOOK_LEGACY_ANSWERS: variable(flag(false), {
    meaning:
      'Whether a webhook that is refused at /webhooks/salesforce is answered 200 with "ok": false, as the replaced service did, so that its sender does not repeat it. Failures of ours are 503 in any case.',
    default: 'false: refusals have their own status, 401 for a wrong signature',
    example: 'true',
  }),
  SALESFORCE_WEBHOOK_URL: variable(address(null, ['https:', 'http:']), {
    meaning: 'Public address of the webhook intake; shown in the setup guide, not called by us.',
    default: 'none',
    example: 'https://conveyor.example.com/webhooks/salesforce',
  }),
  CONVEYOR_WEBHOOK_ALLOWLIST: variable(networks([]), {
    meaning:
      'Networks that webhooks are taken from, in CIDR notation, IPv4 and IPv6, separated by commas. Behind proxies it needs the right CONVEYOR_TRUSTED_PROXIES.',
    default: 'none: webhooks are taken from everywhere',
    example: '192.0.2.0/24,2001:db8::/32',
  }),
  CONVEYOR_PUBLIC_URL: variable(address(null, ['https:', 'http:']), {
    meaning: 'Address at which callers reach the API; in deliveries and notices that link to it.',
    default: 'none: links are paths',
    example: 'https://conveyor.example.com',
  }),
  CONVEYOR_DELIVERY_RETRY_SCHEDULE: variable(
    decimals([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000], 30, 0.01, 604_800),
    {
      meaning:
        'Delays between the attempts at a delivery, separated by commas, each with 20 % of jitter. A delivery that fails after the last has failed.',
      unit: 'seconds',
      default: '5,300,1800,7200,18000,36000,36000',
      example: '10,60,600,3600',
    },
  ),
  CONVEYOR_DELIVERY_CONNECT_TIMEOUT: variable(seconds(5_000, 0.1, 60), {
    meaning: 'How long connecting to an endpoint may take: name, connection and TLS.',
    unit: 'seconds',
    default: '5',
    example: '3',
  }),
  CONVEYOR_DELIVERY_TIMEOUT: variable(seconds(15_000, 0.1, 120), {
    meaning: 'How long an endpoint may take to answer, connecting included.',
    unit: 'seconds',
    default: '15',
    example: '10',
  }),
  CONVEYOR_DELIVERY_DISABLE_AFTER: variable(seconds(432_000_000, 1, 31_536_000), {
    meaning: 'An endpoint that has failed every attempt for so long is disabled.',
    unit: 'seconds',
    default: '432000: five days',
    example: '86400',
  }),
  SALESFORCE_ENABLE_WEBHOOK_NOTIFICATIONS: variable(flag(true), {
    meaning: 'Whether notices go to the Slack and Discord addresses below.',
    default: 'true',
    example: 'false',
  }),
  SALESFORCE_SLACK_WEBHOOK_URL: variable(address(null, ['https:', 'http:']), {
    meaning:
      'Incoming webhook of a Slack channel for notices of the default workspace. Whoever knows it can post there.',
    default: 'none',
    example: 'https://hooks.slack.com/services/T000/B000/XXXX',
    secret: true,
  }),
  SALESFORCE_DISCORD_WEBHOOK_URL: variable(address(null, ['https:', 'http:']), {
    meaning:
      'Webhook of a Discord channel for notices of the default workspace. Whoever knows it can post there.',
    default: 'none',
    example: 'https://discord.com/api/webhooks/000/XXXX',
    secret: true,
  }),
  CONVEYOR_NOTIFICATION_WINDOW: variable(seconds(30_000, 1, 3_600), {
    meaning:
      'How long notices gather in one message after another was sent. The first after a silence goes at once.',
    unit: 'seconds',
    default: '30',
    example: '60',
  }),
  CONVEYOR_NOTIFICATION_LONGEST_WINDOW: variable(seconds(60_000, 1, 3_600), {
    meaning: 'How long that time grows under continuing load.',
    unit: 'seconds',
    default: '60',
    example: '300',
  }),
} as const
