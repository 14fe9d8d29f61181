import { rmSync } from 'node:fs'
import { makeId } from './ids.ts'

/** Who this org is. */
export const ORG_ID = makeId('00D', 1)
/** Number of the administrator's User record: who acts where nobody else is named. */
export const ADMIN = 1
export const USER_ID = makeId('005', ADMIN)
/** When the org was made, by its own account: no standard object changed since. */
export const ORG_CREATED = Date.UTC(2024, 0, 1)
export const USERNAME = 'admin@simulator.example'

/** Versions of the API that this org serves, as in its paths. */
export const API_VERSIONS: readonly number[] = Array.from({ length: 37 }, (_, index) => 31 + index)

/** Files beside the database that hold a job's data. */
export interface JobFiles {
  upload(jobId: string): string
  /** An upload that is not complete yet. */
  partialUpload(jobId: string): string
  result(jobId: string): string
  remove(jobId: string): void
}

export function createJobFiles(folder: string): JobFiles {
  const upload = (jobId: string): string => `${folder}/${jobId}.csv`
  const partialUpload = (jobId: string): string => `${folder}/${jobId}.part`
  const result = (jobId: string): string => `${folder}/${jobId}.result`
  return {
    upload,
    partialUpload,
    result,
    remove(jobId) {
      for (const path of [upload(jobId), partialUpload(jobId), result(jobId)]) {
        rmSync(path, { force: true })
        rmSync(`${path}.index`, { force: true })
      }
    },
  }
}
