/** Whether an error says that a file is not there: a job's files go with the job. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
