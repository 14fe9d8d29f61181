import { nearestName } from '../../bulk/nearest-name.ts'
import {
  CHANGE_TYPES,
  faultOfPattern,
  isObjectName,
  OWN_EVENT_TYPES,
} from '../../contracts/event-types.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import type { ApiContext } from '../dependencies.ts'
import { ApiError } from '../errors.ts'

/** Objects that most orgs send events of; others are known once they were asked for. */
export const USUAL_OBJECTS = ['Account', 'Contact', 'Lead', 'Opportunity'] as const
const MOST_OBJECTS = 2_000

/**
 * Refuses what can be no event type, and objects of which Salesforce said that they do not exist.
 * @throws {ApiError} `invalid_event`, naming the nearest type there is.
 */
export async function requireEventTypes(
  c: ApiContext,
  patterns: readonly string[],
  connectionId: string | null,
  objectType: string | null = null,
): Promise<void> {
  const cache = createDescribeCacheQueries(c.var.database)
  const faulty = patterns.find((pattern) => faultOfPattern(pattern) !== null)
  if (faulty !== undefined) {
    const known = [...USUAL_OBJECTS, ...(await cache.knownNames(MOST_OBJECTS))]
    throw unknownType(faulty, known, objectType)
  }
  const objects = new Map(
    patterns
      .map((pattern) => [pattern.split('.')[0] ?? '', pattern] as const)
      .filter(([object]) => isObjectName(object)),
  )
  const [missing] = await cache.knownMissing([...objects.keys()], connectionId)
  if (missing === undefined) return
  const [object, pattern] = [...objects].find(([name]) => name.toLowerCase() === missing) ?? []
  if (object === undefined || pattern === undefined) return
  const known = [...USUAL_OBJECTS, ...(await cache.knownNames(MOST_OBJECTS))]
  const nearest = nearestName(object, known)
  const advice = nearest === null ? '' : ` Did you mean ${nearest}${pattern.slice(object.length)}?`
  throw new ApiError(
    'invalid_event',
    `There is no event type ${pattern}: Salesforce has no object ${object}.${advice}`,
  )
}

function unknownType(
  given: string,
  knownObjects: readonly string[],
  objectType: string | null,
): ApiError {
  const nearest = nearestType(given, knownObjects, objectType)
  const advice =
    nearest === null
      ? `An event type is Object.${CHANGE_TYPES.join(', Object.')}, Object.*, *.created, * or one of GET /v1/event-types.`
      : `Did you mean ${nearest}?`
  // What is given may be anything: shown only where it is short and plain.
  const shown = /^[\w.*-]{1,160}$/.test(given) ? ` ${given}` : ' of this name'
  return new ApiError('invalid_event', `There is no event type${shown}. ${advice}`)
}

function nearestType(
  given: string,
  knownObjects: readonly string[],
  objectType: string | null,
): string | null {
  const [object = '', change = ''] = given.split('.')
  // A change without its object, where the object stands beside it.
  if (objectType !== null && change === '') {
    const meant = nearestName(object, CHANGE_TYPES)
    if (meant !== null) return `${objectType}.${meant}`
  }
  if (faultOfPattern(given) === 'change') {
    const meant = nearestName(change, CHANGE_TYPES)
    if (meant !== null) return `${object}.${meant}`
  }
  const types = knownObjects.flatMap((name) => CHANGE_TYPES.map((type) => `${name}.${type}`))
  return nearestName(given, [...OWN_EVENT_TYPES, ...types])
}
