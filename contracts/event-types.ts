/** What happens to a record, in the words of event types. */
export const CHANGE_TYPES = ['created', 'updated', 'deleted', 'undeleted'] as const
export type ChangeType = (typeof CHANGE_TYPES)[number]

/** What Conveyor tells of itself, in the form of events. `*` does not mean these: they are asked for by name. */
export const OWN_EVENT_TYPES = [
  'bulk_job.completed',
  'bulk_job.completed_with_errors',
  'bulk_job.failed',
  'bulk_job.aborted',
  'bulk_job.blocked',
  'endpoint.failing',
  'endpoint.disabled',
  'endpoint.recovered',
  'channel.disabled',
  'metadata.object_added',
  'metadata.object_removed',
  'metadata.field_added',
  'metadata.field_removed',
  'metadata.field_type_changed',
  'metadata.picklist_changed',
] as const
export type OwnEventType = (typeof OWN_EVENT_TYPES)[number]

const OBJECT = /^[A-Za-z][A-Za-z0-9_]{0,79}$/
const OWN_OBJECTS: ReadonlySet<string> = new Set(
  OWN_EVENT_TYPES.map((type) => type.slice(0, type.indexOf('.'))),
)

/** The event type of a record's change: `Account.updated`. */
export function recordEventType(objectType: string, changeType: ChangeType): string {
  return `${objectType}.${changeType}`
}

/** Whether a text is the API name of a Salesforce object, as far as its form goes. */
export function isObjectName(text: string): boolean {
  return OBJECT.test(text)
}

/** Why a pattern of event types is none; null for one that is. */
export function faultOfPattern(pattern: string): 'form' | 'change' | 'own_type' | null {
  if (pattern === '*') return null
  const [object = '', change = '', ...rest] = pattern.split('.')
  if (rest.length > 0 || change === '' || !(object === '*' || isObjectName(object))) return 'form'
  if (OWN_OBJECTS.has(object)) {
    const known = change === '*' || OWN_EVENT_TYPES.some((type) => type === pattern)
    return known ? null : 'own_type'
  }
  return change === '*' || CHANGE_TYPES.some((type) => type === change) ? null : 'change'
}

/** The form in which patterns are stored and looked up: Salesforce's names differ in nothing but case. */
export function storedPattern(pattern: string): string {
  const small = pattern.toLowerCase()
  return small === '*.*' ? '*' : small
}

/** The stored patterns that an event of this type answers to. */
export function patternsFor(eventType: string): readonly string[] {
  const small = eventType.toLowerCase()
  const dot = small.indexOf('.')
  const object = small.slice(0, dot)
  if (OWN_OBJECTS.has(object)) return [small, `${object}.*`]
  return [small, `${object}.*`, `*${small.slice(dot)}`, '*']
}
