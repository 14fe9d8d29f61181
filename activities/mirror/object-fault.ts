import type { MirrorWatermark } from '../../db/mirror-watermarks.ts'
import { isSalesforceError, type SalesforceError } from '../../salesforce/errors.ts'
import { ObjectNotVisibleError } from './begin-object.ts'
import type { Pull } from './pull-context.ts'

/** Why one object is not pulled, while the others are. */
export interface ObjectFault {
  readonly code: string
  readonly message: string
}

/** So often may Salesforce say that it failed at one object before the others go on without it. */
const MOST_ATTEMPTS = 4

/** Null where the error concerns the whole connection, or passes. */
export async function objectFault(
  pull: Pull,
  mark: MirrorWatermark,
  error: unknown,
  attempt: number,
): Promise<ObjectFault | null> {
  if (error instanceof ObjectNotVisibleError) {
    return { code: 'object_not_visible', message: error.message }
  }
  if (!isSalesforceError(error)) return null
  switch (error.kind) {
    case 'invalid_request':
      // The describe that we went by is old: the next run asks for it anew.
      if (error.errorCode === 'INVALID_FIELD' || error.errorCode === 'INVALID_TYPE') {
        const { connectionId, workspaceId } = pull.owner
        await pull.deps.describer.describe(connectionId, workspaceId, mark.object)
      }
      return faultOf(error)
    case 'permission':
    case 'not_found':
    case 'invalid_state':
    case 'feature_not_enabled':
      return faultOf(error)
    case 'unavailable':
      // Its own word, again and again, of one query: QUERY_TIMEOUT before all.
      return error.errorCode !== null && attempt >= MOST_ATTEMPTS ? faultOf(error) : null
    default:
      return null
  }
}

function faultOf(error: SalesforceError): ObjectFault {
  return { code: error.errorCode ?? error.kind, message: error.message }
}
