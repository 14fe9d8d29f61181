import { flag, seconds } from '../value-types.ts'
import { variable } from '../variable.ts'

/** What is sealed beside stored secrets, and how long people stay signed in. */
export const secretVariables = {
  CONVEYOR_SEAL_PAYLOADS: variable(flag(false), {
    meaning:
      'Whether inputs, results and failure messages are sealed before they go to Temporal. Needs SALESFORCE_TOKEN_ENCRYPTION_KEY. API and workers need the same value; see docs/temporal-payloads.md.',
    default: 'false',
    example: 'true',
  }),
  CONVEYOR_SESSION_IDLE: variable(seconds(1_800_000, 60, 86_400), {
    meaning: 'How long a session of the dashboard lasts without a request.',
    unit: 'seconds',
    default: '1800',
    example: '900',
  }),
  CONVEYOR_SESSION_LIFETIME: variable(seconds(43_200_000, 60, 7 * 86_400), {
    meaning: 'How long a session of the dashboard lasts in any case.',
    unit: 'seconds',
    default: '43200',
    example: '28800',
  }),
} as const
