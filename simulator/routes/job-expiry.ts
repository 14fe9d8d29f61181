import type { Org } from '../http/org-context.ts'

/** Removes jobs whose seven days are over: their readers have not seen them since. */
export async function removeExpiredJobs(org: Org): Promise<void> {
  const expired = org.jobs.expired()
  if (expired.length === 0) return
  await org.write(() => {
    for (const id of expired) org.jobs.remove(id)
  })
  for (const id of expired) org.files.remove(id)
}
