import { CHANGE_TYPES, OWN_EVENT_TYPES, type OwnEventType } from '../../contracts/event-types.ts'
import type { EventTypeListBody } from '../../contracts/http/webhook-events.ts'
import { createDescribeCacheQueries } from '../../db/describe-cache.ts'
import type { ApiContext } from '../dependencies.ts'
import { USUAL_OBJECTS } from './check-event-types.ts'
import { sampleBody, sampleEvent } from './sample-event.ts'

const MOST_OBJECTS = 200

const OWN_DESCRIPTIONS: Readonly<Record<OwnEventType, string>> = {
  'bulk_job.completed': 'A bulk job has written all its rows.',
  'bulk_job.completed_with_errors': 'A bulk job has ended, and some rows were not written.',
  'bulk_job.failed': 'A bulk job has failed.',
  'bulk_job.aborted': 'A bulk job was cancelled.',
  'bulk_job.blocked': 'A bulk job waits for a person.',
  'endpoint.failing': 'Deliveries of a subscription keep failing.',
  'endpoint.disabled': 'A subscription was disabled after its endpoint kept failing.',
  'endpoint.recovered': 'An endpoint that kept failing answers again.',
  'channel.disabled': 'A channel takes no notifications any more.',
  'metadata.object_added': 'The org has a new object, or shows it now.',
  'metadata.object_removed': 'An object is gone, or hidden from the integration user.',
  'metadata.field_added': 'An object has a new field, or shows it now.',
  'metadata.field_removed': 'A field is gone, or hidden from the integration user.',
  'metadata.field_type_changed': 'A field has another type.',
  'metadata.picklist_changed': 'A picklist has other values.',
}

const PATTERNS = [
  { pattern: 'Account.*', description: 'All changes of one object.' },
  { pattern: '*.deleted', description: 'One change of all objects.' },
  {
    pattern: '*',
    description: 'All changes of all objects; nothing that Conveyor tells of itself.',
  },
  { pattern: 'bulk_job.*', description: 'All that Conveyor tells of bulk jobs.' },
  { pattern: 'metadata.*', description: 'All that changes in the objects and fields of an org.' },
]

/** Types of changes of the objects that are known, and what Conveyor tells of itself, each with a sample. */
export async function eventCatalogue(
  c: ApiContext,
  object: string | undefined,
): Promise<EventTypeListBody> {
  const known = await createDescribeCacheQueries(c.var.database).knownNames(MOST_OBJECTS + 1)
  const named = object === undefined ? [] : [object]
  const objects = [
    ...new Set(object === undefined ? [...USUAL_OBJECTS, ...known.slice(0, MOST_OBJECTS)] : named),
  ]
  const isOwn = (type: string) => object === undefined || type.startsWith(`${object}.`)
  const own = OWN_EVENT_TYPES.filter(isOwn).map((type) => ({
    ...{ event_type: type, description: OWN_DESCRIPTIONS[type] },
    sample: sampleBody(sampleEvent(type)),
  }))
  const changes = own.length > 0 && object !== undefined ? [] : objects.flatMap(changesOf)
  return {
    event_types: [...changes, ...own],
    patterns: PATTERNS,
    truncated: object === undefined && known.length > MOST_OBJECTS,
  }
}

function changesOf(object: string) {
  return CHANGE_TYPES.map((change) => {
    const type = `${object}.${change}`
    return {
      event_type: type,
      description: `A record of ${object} was ${change}.`,
      sample: sampleBody(sampleEvent(type)),
    }
  })
}
