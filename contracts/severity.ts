import type { OwnEventType } from './event-types.ts'

/** How much an event matters, from the least on. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

const OF_OWN: Readonly<Record<OwnEventType, Severity>> = {
  'bulk_job.completed': 'info',
  'bulk_job.completed_with_errors': 'warning',
  'bulk_job.failed': 'error',
  'bulk_job.aborted': 'warning',
  'bulk_job.blocked': 'warning',
  'endpoint.failing': 'warning',
  'endpoint.disabled': 'error',
  'endpoint.recovered': 'info',
  'channel.disabled': 'error',
  'metadata.object_added': 'info',
  'metadata.object_removed': 'warning',
  'metadata.field_added': 'info',
  'metadata.field_removed': 'warning',
  'metadata.field_type_changed': 'warning',
  'metadata.picklist_changed': 'info',
}
const BY_TYPE: ReadonlyMap<string, Severity> = new Map(Object.entries(OF_OWN))

/** How much an event of this type matters. Changes of records are for information. */
export function severityOf(eventType: string): Severity {
  return BY_TYPE.get(eventType.toLowerCase()) ?? 'info'
}

/** 0 for `info` up to 3 for `critical`, as it is stored and compared. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}
