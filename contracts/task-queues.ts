/** Task queues of one installation. The installation's id keeps two installations on one server apart. */
export const QUEUE_ROLES = ['conveyor', 'salesforce', 'pump'] as const
export type QueueRole = (typeof QUEUE_ROLES)[number]

/** `conveyor`: workflows and short work; `salesforce`: transfers, few slots; `pump`: hot loops of events and deliveries. */
export function taskQueue(installationId: string, role: QueueRole): string {
  return `${role}-${installationId}`
}
