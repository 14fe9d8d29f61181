/** Picklist values in the order of their definition: SOQL sorts by it, not by letters. */

export const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Energy',
  'Retail',
  'Technology',
  'Utilities',
  'Other',
] as const
export const ACCOUNT_TYPES = [
  'Prospect',
  'Customer - Direct',
  'Customer - Channel',
  'Partner',
  'Other',
] as const
export const RATINGS = ['Hot', 'Warm', 'Cold'] as const
export const TIERS = ['Gold', 'Silver', 'Bronze'] as const
export const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List'] as const
export const LEAD_STATUSES = [
  'Open - Not Contacted',
  'Working - Contacted',
  'Closed - Converted',
  'Closed - Not Converted',
] as const
export const STAGES = [
  'Prospecting',
  'Qualification',
  'Needs Analysis',
  'Value Proposition',
  'Id. Decision Makers',
  'Perception Analysis',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
] as const
export const LEVELS = ['Primary', 'Secondary', 'Tertiary'] as const
export const STATUSES = ['New', 'Active', 'Closed'] as const
