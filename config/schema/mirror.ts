import { integer, pattern, seconds } from '../value-types.ts'
import { variable } from '../variable.ts'

/** The rows of each org that are kept here, for analytics. */
export const mirrorVariables = {
  CONVEYOR_MIRROR_EVERY: variable(seconds(3_600_000, 0, 7 * 86_400), {
    meaning:
      'How often the rows that analytics are made of are pulled from each connection. 0 makes no Schedules: rows are pulled when somebody asks for it.',
    unit: 'seconds',
    default: '3600',
    example: '900',
  }),
  CONVEYOR_MIRROR_PAGE_ROWS: variable(integer(2_000, 1, 2_000), {
    meaning: 'Rows that one call pulls. Salesforce gives 2,000 at most.',
    unit: 'rows',
    default: '2000',
    example: '1000',
  }),
  CONVEYOR_MIRROR_BULK_FROM: variable(integer(20_000, 1, 1_000_000_000), {
    meaning:
      'An object of so many rows is first loaded by a Bulk query job, one of fewer by pages.',
    unit: 'rows',
    default: '20000',
    example: '100000',
  }),
  CONVEYOR_MIRROR_MAX_CALLS: variable(integer(500, 1, 1_000_000), {
    meaning: 'Calls that one object may take in one run. What is left is pulled by the next run.',
    default: '500',
    example: '100',
  }),
  CONVEYOR_MIRROR_TIME_ZONE: variable(
    pattern(null, /^[A-Za-z][A-Za-z0-9_+/-]*$/, 'a time zone such as Europe/Berlin'),
    {
      meaning: 'Time zone whose days the daily snapshots of opportunities are of.',
      default: 'that of each org',
      example: 'Europe/Berlin',
    },
  ),
} as const
