import { ApiError } from '../http/api-error.ts'
import { duplicateResult } from '../rules/duplicate-result.ts'
import type { WriteResult } from '../store/record-writer.ts'
import type { RowError } from '../values/row-error.ts'
import type { RestCall } from './resource.ts'

/** What a write of a single record did. Throws ApiError where it was refused. */
export function acceptWrite(
  call: RestCall,
  result: WriteResult,
): { readonly id: string; readonly created: boolean } {
  if (result.ok) return result
  throw refusedRecord(call, result.error)
}

/** The refusal of a single record. */
export function refusedRecord(call: RestCall, error: RowError): ApiError {
  const { code, message, fields, duplicate } = error
  const status = code === 'ENTITY_IS_DELETED' ? 404 : 400
  if (duplicate === undefined) return new ApiError(status, code, message, fields)
  // Real orgs name the records that were found in the place of fields.
  return new ApiError(status, code, message, null, duplicateResult(duplicate, call.version))
}
