import { CsvError } from './csv.ts'

/** Thrown where a job cannot go on: it fails as a whole, with this as its `errorMessage`. */
export class JobFailure extends Error {
  override name = 'JobFailure'
  readonly code: 'InvalidBatch' | 'InvalidJob' | 'ExceededQuota'

  constructor(code: JobFailure['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** The text of `errorMessage` for what failed a job; throws on whatever is no such failure. */
export function jobErrorMessage(error: unknown): string {
  if (error instanceof JobFailure || error instanceof CsvError) {
    return `${error.code} : ${error.message}`
  }
  throw error
}
