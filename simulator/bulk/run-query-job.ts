import type { RunJobDeps } from './run-ingest-job.ts'

export async function runQueryJob(_deps: RunJobDeps, _id: string): Promise<void> {}
