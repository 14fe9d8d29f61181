import { API_VERSIONS } from '../org.ts'
import { ApiError } from './api-error.ts'

/** The API version of a path's `vNN.0` segment. Throws ApiError 404 for one that is not served. */
export function versionOf(segment: string): number {
  const version = Number(/^v(\d+)\.0$/i.exec(segment)?.[1])
  if (API_VERSIONS.includes(version)) return version
  throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist')
}
