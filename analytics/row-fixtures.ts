import type {
  AccountRow,
  LeadRow,
  OpportunityHistoryRow,
  OpportunityRow,
  OpportunitySnapshotRow,
  StageRow,
} from '../contracts/analytics.ts'

/** Rows for tests: ordinary ones, with what the test is about. */
export function deal(values: Partial<OpportunityRow> & { readonly id: string }): OpportunityRow {
  return {
    accountId: 'acc1',
    ownerId: 'ada',
    name: `Deal ${values.id}`,
    stageName: 'Prospecting',
    amount: 100,
    probability: 10,
    expectedRevenue: null,
    closeDate: '2026-06-30',
    isClosed: false,
    isWon: false,
    forecastCategory: 'Pipeline',
    leadSource: null,
    type: null,
    currencyIsoCode: null,
    createdDate: '2026-01-01T09:00:00.000Z',
    lastStageChangeDate: null,
    lastActivityDate: null,
    isDeleted: false,
    ...values,
  }
}

export function won(id: string, values: Partial<OpportunityRow> = {}): OpportunityRow {
  return deal({ id, stageName: 'Closed Won', isClosed: true, isWon: true, ...values })
}

export function lost(id: string, values: Partial<OpportunityRow> = {}): OpportunityRow {
  return deal({ id, stageName: 'Closed Lost', isClosed: true, ...values })
}

/** History of one deal: each change with its day; what is not named stays. */
export function historyOf(
  opportunityId: string,
  changes: readonly (Partial<OpportunityHistoryRow> & { readonly on: string })[],
): OpportunityHistoryRow[] {
  let row: OpportunityHistoryRow = {
    id: '',
    opportunityId,
    stageName: 'Prospecting',
    amount: 100,
    probability: 10,
    closeDate: '2026-06-30',
    createdDate: '',
  }
  return changes.map(({ on, ...values }, index) => {
    row = { ...row, ...values, id: `${opportunityId}-${index}`, createdDate: `${on}T12:00:00.000Z` }
    return row
  })
}

export function lead(values: Partial<LeadRow> & { readonly id: string }): LeadRow {
  return {
    status: 'Open',
    leadSource: 'Web',
    rating: null,
    ownerId: 'ada',
    isConverted: false,
    convertedDate: null,
    convertedOpportunityId: null,
    createdDate: '2026-01-10T09:00:00.000Z',
    ...values,
  }
}

export function account(values: Partial<AccountRow> & { readonly id: string }): AccountRow {
  return {
    name: `Account ${values.id}`,
    industry: null,
    type: null,
    annualRevenue: null,
    numberOfEmployees: null,
    ownerId: 'ada',
    lastActivityDate: null,
    createdDate: '2026-01-10T09:00:00.000Z',
    currencyIsoCode: null,
    ...values,
  }
}

export function snapshot(
  opportunityId: string,
  values: Partial<OpportunitySnapshotRow> = {},
): OpportunitySnapshotRow {
  return {
    date: '2026-06-01',
    opportunityId,
    stageName: 'Prospecting',
    amount: 100,
    closeDate: '2026-06-15',
    isClosed: false,
    isWon: false,
    ownerId: 'ada',
    currencyIsoCode: null,
    ...values,
  }
}

/** The stages of a small org. */
export const STAGES: readonly StageRow[] = [
  ['Prospecting', false, false, 10],
  ['Qualification', false, false, 25],
  ['Proposal', false, false, 60],
  ['Negotiation', false, false, 80],
  ['Closed Won', true, true, 100],
  ['Closed Lost', true, false, 0],
].map(([name, isClosed, isWon, defaultProbability], index) => ({
  name: String(name),
  sortOrder: index + 1,
  isClosed: isClosed === true,
  isWon: isWon === true,
  defaultProbability: Number(defaultProbability),
  isActive: true,
}))
