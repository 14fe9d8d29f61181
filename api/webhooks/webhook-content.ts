import { CHANGE_TYPES, type ChangeType, isObjectName } from '../../contracts/event-types.ts'
import { MOST_RECORDS_A_WEBHOOK } from '../../contracts/webhook-event.ts'
import { ApiError } from '../errors.ts'
import { changeOfWord } from './change-words.ts'
import { deliveryIdOf } from './delivery-id.ts'
import { isEventTime } from './event-time.ts'
import { isOwnObject } from './own-object.ts'
import { isRecordId, recordKey } from './record-id.ts'

/** What a webhook tells. */
export interface WebhookContent {
  readonly objectType: string
  readonly changeType: ChangeType
  /** As they came, each record once. */
  readonly ids: readonly string[]
  readonly changedFields: readonly string[]
  /** Null where the sender does not say. */
  readonly occurredAt: Date | null
  readonly deliveryId: string | null
}

type Body = Readonly<Record<string, unknown>>

const MOST_CHANGED_FIELDS = 2_000
/** With relationships and parts of compound fields: `Owner.Name`. */
const FIELD_NAME = /^[A-Za-z][\w.]{0,254}$/

/**
 * Reads the fields that callers of the replaced service send; others are let pass.
 * @throws {ApiError} naming the field at fault
 */
export function readWebhookContent(body: Body): WebhookContent {
  const type = readEventType(body)
  const object = optionalText(body, 'object')
  const objectType = agreed('object', object, type.object, (text) => text.toLowerCase())
  const changeType = agreed('changeType', readChange(body), type.change, (change) => change)
  requireForeignObject(object === null ? 'event_type' : 'object', objectType)
  return {
    objectType,
    changeType,
    ids: readIds(body),
    changedFields: readChangedFields(body),
    occurredAt: readTime(body['eventDate']),
    deliveryId: deliveryIdOf('the field delivery_id', optionalText(body, 'delivery_id')),
  }
}

function requireForeignObject(name: string, objectType: string): void {
  if (!isObjectName(objectType)) {
    throw invalid(name, 'has no API name of an object, such as Account or Order__c')
  }
  if (isOwnObject(objectType)) {
    throw invalid(name, `must not name ${objectType}: events of that name are Conveyor's own`)
  }
}

interface EventTypeParts {
  readonly object: string | null
  readonly change: ChangeType | null
}

/** `Account.updated` gives both, `updated` the change; another word counts only beside fields that give them. */
function readEventType(body: Body): EventTypeParts {
  const text = optionalText(body, 'event_type')
  if (text === null) return { object: null, change: null }
  const dot = text.lastIndexOf('.')
  const change = changeOfWord(text.slice(dot + 1))
  if (dot >= 0) {
    if (change !== null) return { object: text.slice(0, dot), change }
    throw invalid('event_type', `must end in ${CHANGE_TYPES.map((word) => `.${word}`).join(', ')}`)
  }
  return { object: null, change }
}

function readChange(body: Body): ChangeType | null {
  const word = optionalText(body, 'changeType')
  if (word === null) return null
  const change = changeOfWord(word)
  if (change !== null) return change
  throw invalid('changeType', 'must be CREATE, UPDATE, DELETE or UNDELETE')
}

/** What a field of its own says, or else the event type; both must say the same. */
function agreed<T extends string>(
  name: string,
  own: T | null,
  ofType: T | null,
  comparable: (value: T) => string,
): T {
  if (own !== null && ofType !== null && comparable(own) !== comparable(ofType)) {
    throw new ApiError(
      'invalid_request',
      `The fields event_type and ${name} contradict each other: ${ofType} and ${own}. Send one of them, or both alike.`,
    )
  }
  const value = own ?? ofType
  if (value !== null) return value
  const message = `The field ${name} is missing, and event_type does not say it, as Account.updated would.`
  throw new ApiError('missing_required_field', message)
}

function readIds(body: Body): readonly string[] {
  const given = body['ids'] ?? (body['id'] === undefined ? undefined : [body['id']])
  if (given === undefined || given === null) {
    throw new ApiError('missing_required_field', 'The field ids is missing, and so is id.')
  }
  if (!Array.isArray(given)) throw invalid('ids', 'must be an array of record ids')
  if (given.length === 0) throw invalid('ids', 'holds no id')
  if (given.length > MOST_RECORDS_A_WEBHOOK) {
    const message = `The field ids holds ${given.length} ids; ${MOST_RECORDS_A_WEBHOOK} are taken at once. Send the rest in webhooks of their own.`
    throw new ApiError('too_many_records', message)
  }
  const folded = new Map<string, string>()
  for (const [place, id] of given.entries()) {
    const name = body['ids'] === undefined ? 'id' : `ids[${place}]`
    if (typeof id !== 'string' || !isRecordId(id)) {
      throw invalid(name, 'is not a record id of 15 or 18 letters and digits')
    }
    if (!folded.has(recordKey(id))) folded.set(recordKey(id), id)
  }
  return [...folded.values()]
}

function readChangedFields(body: Body): readonly string[] {
  const given = body['changedFields'] ?? []
  if (!Array.isArray(given)) throw invalid('changedFields', 'must be an array of field names')
  if (given.length > MOST_CHANGED_FIELDS) {
    throw invalid('changedFields', `holds more than ${MOST_CHANGED_FIELDS} names`)
  }
  return given.map((name, place) => {
    if (typeof name === 'string' && FIELD_NAME.test(name)) return name
    throw invalid(`changedFields[${place}]`, 'is not the API name of a field')
  })
}

/** When it happened; null where the sender does not say it in a form that can be read. @throws {ApiError} */
function readTime(given: unknown): Date | null {
  if (typeof given !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(given)) {
    return null
  }
  const time = new Date(given.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  if (Number.isNaN(time.getTime())) return null
  if (isEventTime(time)) return time
  throw invalid('eventDate', 'must lie between 1970 and a day from now by the clock here')
}

function optionalText(body: Body, name: string): string | null {
  const value = body[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string' && value.length <= 200) return value
  throw invalid(name, 'must be text of at most 200 characters')
}

function invalid(name: string, what: string): ApiError {
  return new ApiError('invalid_request', `The field ${name} ${what}.`)
}
