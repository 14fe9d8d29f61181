import { CHANGE_TYPES, type OwnEventType } from '../../contracts/event-types.ts'

/** An event of a type, with made-up contents. */
export interface SampleEvent {
  readonly eventType: string
  readonly objectType: string
  readonly objectId: string
  readonly changeType: string
  readonly changedFields: readonly string[]
  readonly record: Readonly<Record<string, unknown>>
}

const SAMPLE_ID = '001000000000001AAA'

/** What there is to say of us, by the object of the type. */
const OWN_SAMPLES: Readonly<
  Record<string, { readonly id: string; readonly record: Readonly<Record<string, unknown>> }>
> = {
  bulk_job: {
    id: 'bulk_job_account_insert_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11',
    record: { object: 'Account', operation: 'insert', total: 200, success: 198, failed: 2 },
  },
  endpoint: {
    id: 'webhook_account_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11',
    record: { last_status: 503, consecutive_failures: 3 },
  },
  channel: {
    id: 'channel_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11',
    record: { reason: 'The channel was removed.' },
  },
  metadata: {
    id: 'Account',
    record: {
      ...{ name: 'Account.Region__c', object: 'Account', field: 'Region__c' },
      ...{ reason: 'picklist', before: null, after: { type: 'picklist', label: 'Region' } },
    },
  },
}

/** A made-up event of the type, which must be one. */
export function sampleEvent(eventType: string | OwnEventType): SampleEvent {
  const [objectType = '', changeType = ''] = eventType.split('.')
  const own = OWN_SAMPLES[objectType]
  if (own !== undefined) {
    return {
      ...{ eventType, objectType, changeType, objectId: own.id },
      changedFields: [],
      record: own.record,
    }
  }
  return {
    ...{ eventType, objectType, changeType, objectId: SAMPLE_ID },
    changedFields: changeType === 'updated' ? ['Name'] : [],
    record: { Id: SAMPLE_ID, ...(changeType === 'deleted' ? {} : { Name: 'Sample' }) },
  }
}

/** A type that a pattern asks for. */
export function typeOfPattern(pattern: string): string {
  const [object = '', change = ''] = pattern.split('.')
  const own = OWN_SAMPLES[object] === undefined ? null : OWN_CHANGES[object]
  const anyChange = own ?? CHANGE_TYPES[1]
  return [
    object === '*' ? 'Account' : object,
    change === '*' || change === '' ? anyChange : change,
  ].join('.')
}

const OWN_CHANGES: Readonly<Record<string, string>> = {
  bulk_job: 'completed',
  endpoint: 'failing',
  channel: 'disabled',
  metadata: 'field_added',
}

/** The body of a delivery of it, as subscribers get it. */
export function sampleBody(event: SampleEvent): Record<string, unknown> {
  const { eventType, objectType, objectId, changeType, changedFields, record } = event
  const eventId = 'evt_019a1f6e-6f0e-7c1a-8a53-2f4f1a5d9c11'
  return {
    type: eventType,
    timestamp: '2026-11-26T12:00:00.000Z',
    data: {
      event_id: eventId,
      object: objectType,
      id: objectId,
      change_type: changeType,
      changed_fields: changedFields,
      record,
    },
    version: '1',
    event_id: eventId,
    event_type: eventType,
    object_type: objectType,
    object_id: objectId,
    change_type: changeType,
    changed_fields: changedFields,
  }
}
