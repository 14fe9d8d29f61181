import { ApiError } from '../http/api-error.ts'
import type { WriteResult } from '../store/record-writer.ts'
import type { RowError } from '../values/row-error.ts'

/** What a write of a single record did. Throws ApiError where it was refused. */
export function acceptWrite(result: WriteResult): {
  readonly id: string
  readonly created: boolean
} {
  if (result.ok) return result
  throw refusedRecord(result.error)
}

/** The refusal of a single record. */
export function refusedRecord({ code, message, fields }: RowError): ApiError {
  return new ApiError(code === 'ENTITY_IS_DELETED' ? 404 : 400, code, message, fields)
}
