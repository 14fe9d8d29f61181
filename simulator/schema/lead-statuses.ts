/** A step in the life of a lead; a converted one is reached by conversion alone. */
export interface LeadStatus {
  readonly name: string
  readonly converted: boolean
}

export const LEAD_STATUSES: readonly LeadStatus[] = [
  { name: 'Open - Not Contacted', converted: false },
  { name: 'Working - Contacted', converted: false },
  { name: 'Closed - Converted', converted: true },
  { name: 'Closed - Not Converted', converted: false },
]
