import { rows } from './proxies.ts'

/** Removes content past its time, once a day by a Schedule. What is not terminal stays, however old. */
export async function retention(): Promise<{
  readonly purgedJobs: number
  readonly expiredKeys: number
}> {
  return rows.purgeExpired()
}
