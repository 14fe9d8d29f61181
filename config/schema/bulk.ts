import { bytes, decimal, integer, seconds } from '../value-types.ts'
import { variable } from '../variable.ts'

/** How bulk jobs are cut and paced. */
export const bulkVariables = {
  SALESFORCE_BULK_BATCH_SIZE: variable(integer(200, 1, 10_000), {
    meaning: 'Rows of one batch, the unit of progress and of reporting.',
    unit: 'rows',
    default: '200',
    example: '1000',
  }),
  CONVEYOR_BULK_LANES: variable(integer(4, 1, 50), {
    meaning:
      'Jobs that Salesforce works on at once per connection, over all jobs here and all workers. A load whose job has ended there, and that only settles, counts no more.',
    default: '4',
    example: '2',
  }),
  CONVEYOR_LOAD_MAX_ROWS: variable(integer(100_000, 1, 1_000_000), {
    meaning: 'Rows of one upstream job at most.',
    unit: 'rows',
    default: '100000',
    example: '50000',
  }),
  CONVEYOR_LOAD_MAX_BYTES: variable(bytes(50_000_000, 1_000, 100_000_000), {
    meaning:
      'Encoded CSV of one upstream job at most. Salesforce takes 150 MB after base64, that is about 100 MB.',
    unit: 'bytes',
    default: '50MB',
    example: '20MB',
  }),
  CONVEYOR_API_RESERVE: variable(decimal(0.1, 0, 0.9), {
    meaning:
      'Share of the org’s daily API calls that new loads leave to others; below it they wait.',
    unit: 'share from 0 to 0.9',
    default: '0.1',
    example: '0.25',
  }),
  CONVEYOR_QUERY_PAGE: variable(integer(50_000, 1, 1_000_000), {
    meaning:
      'Records of a durable query that are read from Salesforce at once: what a crash has read again.',
    unit: 'records',
    default: '50000',
    example: '10000',
  }),
  CONVEYOR_QUOTA_LOOK_AGAIN: variable(seconds(60_000, 1, 3_600), {
    meaning: 'Pause between two looks at the daily API calls while loads wait for them.',
    unit: 'seconds',
    default: '60',
    example: '300',
  }),
  CONVEYOR_ABORTED_READING_GAP: variable(seconds(60_000, 0, 3_600), {
    meaning:
      'Results of an aborted upstream job count once two readings this far apart agree. Shorter in tests only: Salesforce commits batches after it says Aborted.',
    unit: 'seconds',
    default: '60',
    example: '60',
  }),
} as const
