/** Types of ApplicationFailure that workflows tell apart. Stable: they are in histories. */
export const FAILURE_TYPES = {
  /** A person can mend it; details: `[BlockedDetails]`. Never repeated by Temporal itself. */
  blocked: 'Blocked',
  /** Expected: look again later. The message is the progress that operators see. */
  notYet: 'NotYet',
  /** Another attempt has taken the work over. */
  superseded: 'Superseded',
  /** A transient trouble of Salesforce or the network. */
  unavailable: 'Unavailable',
  /** A defect of ours, or a state that should not be. */
  internal: 'Internal',
} as const
export type FailureType = (typeof FAILURE_TYPES)[keyof typeof FAILURE_TYPES]
